import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseReplicateConfig,
  type ReplicateConfig,
  toEnvironment,
} from '../../../../shared/config/replicate-config.ts'
import type { KafkaAccess, KafkaLogin } from '../../../../shared/domain/kafka-access.ts'

const text = (): fc.Arbitrary<string> => fc.string({ minLength: 1, unit: 'grapheme' })

const login = (): fc.Arbitrary<KafkaLogin> =>
  fc.oneof(
    fc.constant<KafkaLogin>({ kind: 'none' }),
    text().map((region): KafkaLogin => ({ kind: 'iam', region })),
    fc
      .tuple(fc.constantFrom('scram-sha-256', 'scram-sha-512', 'plain', 'mtls'), text())
      .map(([kind, secret]): KafkaLogin => ({ kind, secret })),
  )

const access = (): fc.Arbitrary<KafkaAccess> =>
  fc.record(
    {
      cluster: text(),
      bootstrapServers: fc.array(text(), { minLength: 1 }),
      tls: fc.boolean(),
      caSecret: text(),
      login: login(),
    },
    { requiredKeys: ['cluster', 'bootstrapServers', 'tls', 'login'], noNullPrototype: true },
  )

const config = (): fc.Arbitrary<ReplicateConfig> =>
  fc.record({
    link: fc.record({
      installation: text(),
      name: text(),
      replicaTemplate: text(),
      provenance: fc.boolean(),
      compression: fc.constantFrom('zstd', 'gzip', 'none'),
      delivery: fc.constantFrom('at-least-once', 'exactly-once'),
      onPoison: fc.constantFrom('halt', 'quarantine'),
      appendDeadlineMs: fc.integer({ min: 1 }),
      mapRetentionMs: fc.integer({ min: 1 }),
      initialMode: fc.constantFrom('forwarding' as const, 'stopped' as const),
    }),
    source: access(),
    target: access(),
    table: fc.record({ name: text(), region: text() }),
    quarantineBucket: text(),
  })

const complete = (): Record<string, string> =>
  toEnvironment({
    link: {
      installation: 'twinshore',
      name: 'west-east',
      replicaTemplate: 'west.{topic}',
      provenance: false,
      compression: 'zstd',
      delivery: 'at-least-once',
      onPoison: 'halt',
      appendDeadlineMs: 20_000,
      mapRetentionMs: 1_000,
      initialMode: 'forwarding',
    },
    source: { cluster: 'west', bootstrapServers: ['w:1'], tls: false, login: { kind: 'none' } },
    target: { cluster: 'east', bootstrapServers: ['e:1'], tls: true, login: { kind: 'iam', region: 'eu-west-1' } },
    table: { name: 'twinshore-west-east', region: 'eu-west-1' },
  })

describe('the environment of the replicate function', () => {
  it('says what the topology said', () => {
    fc.assert(
      fc.property(config(), (written) => {
        expect(parseReplicateConfig(toEnvironment(written))).toEqual(written)
      }),
    )
  })

  it('needs no bucket where the link halts on a poison record', () => {
    expect(parseReplicateConfig(complete())).not.toHaveProperty('quarantineBucket')
  })

  it('reports every missing and every bad field at once', () => {
    const source = JSON.stringify({ cluster: '', bootstrapServers: [], tls: 'yes', login: { kind: 'scram-sha-512' } })
    const link = JSON.stringify({ name: 'a', replicaTemplate: '{topic}', compression: 'lz4', onPoison: 'quarantine' })
    const environment = { TWINSHORE_LINK: link, TWINSHORE_SOURCE: source, TWINSHORE_TARGET: '{' }
    expect(() => parseReplicateConfig(environment)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(
          [
            'LINK.compression must be one of zstd, gzip, none',
            'LINK.appendDeadlineMs must be a whole number above 0, and is missing',
            'LINK.mapRetentionMs',
            'LINK.initialMode',
            'SOURCE.cluster must be a text',
            'SOURCE.bootstrapServers must be a list of texts',
            'SOURCE.tls must be true or false',
            'SOURCE.login.secret must be a text, and is missing',
            'TARGET must be a JSON object',
            'TWINSHORE_TABLE is missing',
            'TWINSHORE_QUARANTINE_BUCKET must name a bucket',
          ].join('.*'),
        ),
      }),
    )
  })

  it.each(['TWINSHORE_LINK', 'TWINSHORE_SOURCE', 'TWINSHORE_TARGET', 'TWINSHORE_TABLE'])('needs %s', (name) => {
    const { [name]: _, ...rest } = complete()
    expect(() => parseReplicateConfig(rest)).toThrow(`${name} is missing`)
  })
})
