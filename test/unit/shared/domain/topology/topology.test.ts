import { describe, expect, it } from 'vitest'
import type { TopologyInput } from '../../../../../shared/domain/topology/topology.ts'
import { checkTopology, defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, valid, west, withLink, withWest } from './topology-example.ts'

const noLogin = { kind: 'none' } as const

describe('a topology without a mistake', () => {
  it.each<[string, TopologyInput]>([
    ['self-managed clusters', valid],
    ['MSK with IAM, placed at the target', { ...valid, clusters: { west: mskWest, east } }],
    ['MSK with IAM on both sides', { ...valid, clusters: { west: mskWest, east: mskEast } }],
    [
      'MSK serverless, placed at the source',
      {
        ...withLink({ placement: 'source' }),
        clusters: { west: { ...mskWest, kind: 'msk-serverless' }, east: mskEast },
      },
    ],
    ['no login, but a network', withWest({ login: noLogin, tls: false })],
    ['the default links of both directions', { ...valid, links: [link, { ...link, source: 'east', target: 'west' }] }],
    ['a link of its own besides the pair', { ...valid, pairs: [] }],
    ['the longest names', withLink({ name: 'a'.repeat(24), topics: ['t'.repeat(164)] })],
    [
      'everything at its upper limit',
      withLink({ batchSize: 10_000, batchWindowMs: 300_000, functionTimeoutMs: 840_000 }),
    ],
    ['a window of nothing', withLink({ batchWindowMs: 0 })],
    [
      'secrets by the ARN of the right region',
      withWest({ caSecret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:ca-AbCdEf' }),
    ],
    ['patterns alone', withLink({ topics: [/payments\..+/], exclude: [/.*-tmp/, 'payments.test'] })],
    [
      'patterns beside names, for MSK with IAM',
      { ...withLink({ topics: ['orders', /pay.*/] }), clusters: { west: mskWest, east } },
    ],
    [
      'rules for what becomes of topics',
      withLink({ onSourceDelete: { deleteAfterDays: 7 }, onRecreate: 'fault', replicationFactor: 3 }),
    ],
    [
      'groups by names and patterns, that are set back as well',
      withLink({ groups: ['billing', /twinshore-.*/, /twin.*/], excludeGroups: [/tmp-.*/], followRewinds: true }),
    ],
    [
      'rights of clients that log in otherwise on one side',
      {
        ...withLink({ access: { principals: { 'User:CN=a,O=b': 'User:a' }, quotas: true } }),
        clusters: { west, east: { ...mskEast, network: east.network as never } },
      },
    ],
    ['rights that do not follow, nor groups', withLink({ syncGroups: false, groups: ['billing'] })],
    ['one hub', { ...valid, links: [link], pairs: [] }],
  ])('is accepted: %s', (_what, input) => {
    expect(checkTopology(input)).toEqual([])
  })

  it('is completed with defaults', () => {
    const [completed] = defineTopology(valid).links
    expect(completed).toMatchObject({
      installation: 'twinshore',
      name: 'west-east',
      naming: 'identity',
      placement: 'target',
      compression: 'zstd',
      batchSize: 10_000,
      batchWindowMs: 500,
      pollers: 'on-demand',
      onPoison: 'halt',
      functionTimeoutMs: 30_000,
      appendDeadlineMs: 20_000,
      thresholds: { standstillMs: 300_000 },
      source: { name: 'west', tls: true },
    })
  })

  it('keeps patterns as texts that match whole names, and names what follows by itself', () => {
    const [completed] = defineTopology(
      withLink({
        topics: ['orders', /payments|refunds/],
        exclude: [/.*-tmp/, 'a.b'],
        excludeSettings: ['retention.ms'],
      }),
    ).links
    expect(completed).toMatchObject({
      topics: ['orders'],
      patterns: ['^(?:payments|refunds)$'],
      exclude: ['^(?:.*-tmp)$', '^a\\.b$'],
      excludeSettings: ['^retention\\.ms$'],
      provenance: false,
      syncTopics: true,
      replicationFactor: 'inherit',
      onSourceDelete: 'keep',
      onRecreate: 'append',
    })
  })

  it('lets all groups follow, never back, and no rights, unless it is told otherwise', () => {
    const [usual] = defineTopology(valid).links
    expect(usual).toMatchObject({ syncGroups: true, followRewinds: false, groups: ['^(?:.*)$'], excludeGroups: [] })
    expect(usual).not.toHaveProperty('access')
    const principals = { 'User:a': 'User:b' }
    const [told] = defineTopology(
      withLink({ groups: ['a.b', /c.+/], excludeGroups: ['d'], followRewinds: true, access: { principals } }),
    ).links
    expect(told).toMatchObject({ groups: ['^a\\.b$', '^(?:c.+)$'], excludeGroups: ['^d$'], followRewinds: true })
    expect(told?.access).toEqual({ principals, quotas: false })
  })

  it('keeps what was written', () => {
    const [completed] = defineTopology(
      withLink({
        name: 'mine',
        batchSize: 7,
        thresholds: { throttles: 9 },
        naming: 'copy.{topic}',
        reservedConcurrency: 3,
      }),
    ).links
    expect(completed).toMatchObject({ name: 'mine', batchSize: 7, naming: 'copy.{topic}', reservedConcurrency: 3 })
    expect(completed?.thresholds).toEqual({
      standstillMs: 300_000,
      functionErrors: 3,
      throttles: 9,
      lagSeconds: 300,
      timeToLossMs: 21_600_000,
    })
  })

  it('names replicas after their source where records may flow back, by whatever way', () => {
    const hub = { ...west, bootstrapServers: ['hub.example.org:9093'] }
    const around = defineTopology({
      clusters: { west, east, hub },
      links: [
        { source: 'west', target: 'east', topics: ['orders'] },
        { source: 'east', target: 'hub', topics: ['orders'] },
        { source: 'hub', target: 'west', topics: ['orders'] },
        { name: 'aside', source: 'hub', target: 'east', topics: ['other'] },
      ],
    })
    expect(around.links.map(({ naming }) => naming)).toEqual(['prefix', 'prefix', 'prefix', 'prefix'])
  })

  it('gives a pair the links of both directions, and no other', () => {
    const hub = { ...west, bootstrapServers: ['hub.example.org:9093'] }
    const { pairs } = defineTopology({
      clusters: { west, east, hub },
      links: [
        { source: 'west', target: 'east', topics: ['orders'] },
        { source: 'east', target: 'west', topics: ['orders'] },
        { source: 'west', target: 'hub', topics: ['orders'] },
      ],
      pairs: [{ clusters: ['east', 'west'] }],
    })
    expect(pairs.map(({ name, links }) => [name, links.map((one) => one.name)])).toEqual([
      ['east-west', ['west-east', 'east-west']],
    ])
  })
})
