import { createPrivateKey } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AclOperations, AclPermissionTypes, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certify, createAuthority } from '../../local/kafka/certificates.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import type { User } from '../../local/kafka/cluster-login.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { freePort } from '../../local/machine/free-port.ts'
import { KafkaSourceLog } from '../../shared/adapters/kafka/kafka-source-log.ts'
import { KafkaTargetLog } from '../../shared/adapters/kafka/kafka-target-log.ts'
import type { Secrets } from '../../shared/adapters/secrets/secrets.ts'
import type { KafkaAccess } from '../../shared/domain/kafka-access.ts'
import type { AppendOutcome } from '../../shared/usecases/ports.ts'
import { polledRecords } from '../support/polled-records.ts'
import { openAccess, openCluster, readValues, withAdmin } from '../support/target-cluster.ts'
import { inTime } from '../support/target-log-contract.ts'

/** Secrets whose texts a test can change, and which counts how often they are read. */
class TestSecrets implements Secrets {
  readonly texts = new Map<string, string>()
  readonly asked: string[] = []
  readonly #known = new Map<string, string>()

  async read(name: string, { fresh }: { readonly fresh: boolean }): Promise<string> {
    const known = this.#known.get(name)
    if (known !== undefined && !fresh) return known
    this.asked.push(name)
    const text = this.texts.get(name)
    if (text === undefined) throw new Error('there is no such secret')
    this.#known.set(name, text)
    return text
  }
}

const codeOf = ({ stopped }: AppendOutcome) => stopped?.error.code

const append = (log: KafkaTargetLog, topic: string, deadlineMs = 15_000) =>
  log.append({ topic, partition: 0, records: polledRecords(5) }, inTime(deadlineMs))

const logs: { close(): void }[] = []
const open = (access: KafkaAccess, secrets: Secrets): KafkaTargetLog => {
  const log = new KafkaTargetLog(access, { compression: 'none', secrets })
  logs.push(log)
  return log
}
afterAll(() => {
  for (const log of logs) log.close()
})

/** Longer than kafkajs, with which clusters are set up, needs to log in again. */
const LOGIN_LIFE_MS = 12_000

describe('a cluster that asks for a password', () => {
  let cluster: LocalCluster
  let close: () => Promise<void>
  const secrets = new TestSecrets()

  beforeAll(async () => {
    const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule'
    const properties = {
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN',
      'listener.name.client.plain.sasl.jaas.config': `${plain} required user_application="plain password";`,
      'connections.max.reauth.ms': String(LOGIN_LIFE_MS),
    }
    ;({ cluster, close } = await openCluster({ secure: true, properties }))
    await createTopics(cluster, [
      { name: 'allowed', partitions: 1 },
      { name: 'forbidden', partitions: 1 },
    ])
    await allow('replicator', 'allowed', [AclOperations.WRITE, AclOperations.DESCRIBE])
    secrets.texts.set('authority', JSON.stringify({ certificate: caOf(cluster) }))
    secrets.texts.set('replicator', passwordOf('replicator'))
    secrets.texts.set('admin', passwordOf('admin'))
    secrets.texts.set('wrong', JSON.stringify({ username: 'replicator', password: 'not-the-password' }))
    secrets.texts.set('plain', JSON.stringify({ username: 'application', password: 'plain password' }))
    secrets.texts.set('not-json', 'hunter2')
  })
  afterAll(() => close?.())

  const caOf = ({ login }: LocalCluster): string => (login.kind === 'none' ? '' : login.ca)

  const passwordOf = (user: User): string => {
    const login = cluster.loginOf(user)
    return JSON.stringify(login.kind === 'none' ? {} : { username: login.username, password: login.password })
  }

  const allow = (user: User, topic: string, operations: readonly number[]) =>
    withAdmin(cluster, (admin) =>
      admin.createAcls({
        creations: operations.map((operation) => ({
          resourceType: ResourceTypes.TOPIC,
          resourceName: topic,
          resourcePatternType: ResourcePatternTypes.LITERAL,
          principal: `User:${user}`,
          host: '*',
          operation: operation as 4,
          permissionType: AclPermissionTypes.ALLOW,
        })),
      }),
    )

  const accessWith = (secret: string, kind: 'scram-sha-512' | 'plain' = 'scram-sha-512'): KafkaAccess => ({
    cluster: 'frankfurt',
    bootstrapServers: cluster.bootstrapServers,
    tls: true,
    caSecret: 'authority',
    login: { kind, secret },
  })

  it('takes SCRAM over TLS with an authority of its own', async () => {
    const outcome = await append(open(accessWith('replicator'), secrets), 'allowed')
    expect(outcome.stopped).toBeUndefined()
    expect(await readValues(cluster, 'allowed', 0)).toHaveLength(5)
  })

  it('takes PLAIN over TLS', async () => {
    await createTopics(cluster, [{ name: 'plain', partitions: 1 }])
    await allow('application', 'plain', [AclOperations.WRITE, AclOperations.DESCRIBE])
    expect((await append(open(accessWith('plain', 'plain'), secrets), 'plain')).stopped).toBeUndefined()
  })

  it('is written to beyond the life of a login', async () => {
    await createTopics(cluster, [{ name: 'long-lived', partitions: 1 }])
    const log = open(accessWith('admin'), secrets)
    const until = Date.now() + LOGIN_LIFE_MS + 2_000
    for (let appended = 0; Date.now() < until; appended++) {
      const outcome = await log.append(
        { topic: 'long-lived', partition: 0, records: polledRecords(1, {}, appended) },
        inTime(),
      )
      expect(outcome).toMatchObject({ placed: [{ target: BigInt(appended) }] })
    }
  })

  it.each([
    ['a wrong password', 'wrong', /frankfurt.*wrong/],
    ['a secret that is not JSON', 'not-json', /frankfurt.*not-json/],
    ['a secret that is not there', 'missing', /frankfurt.*missing/],
  ])(
    'refuses %s at once, and the error names cluster and secret but nothing of what is in it',
    async (_what, secret, names) => {
      const started = performance.now()
      const { stopped } = await append(open(accessWith(secret), secrets), 'allowed')
      expect(performance.now() - started).toBeLessThan(5_000)
      expect(stopped?.error.code).toBe('LOGIN_REFUSED')
      expect(stopped?.error.message).toMatch(names)
      expect(`${stopped?.error.stack} ${stopped?.error.cause}`).not.toMatch(/not-the-password|hunter2/)
    },
  )

  it('is logged in to again when the secret was rotated, with one more look at it', async () => {
    const rotated = new TestSecrets()
    rotated.texts.set('authority', JSON.stringify({ certificate: caOf(cluster) }))
    rotated.texts.set('login', JSON.stringify({ username: 'replicator', password: 'of yesterday' }))
    await rotated.read('login', { fresh: false })
    rotated.texts.set('login', passwordOf('replicator'))
    expect((await append(open(accessWith('login'), rotated), 'allowed')).stopped).toBeUndefined()
    expect(rotated.asked.filter((name) => name === 'login')).toHaveLength(2)
  })

  it('is not trusted without its authority', async () => {
    const { caSecret: _, ...access } = accessWith('replicator')
    expect(codeOf(await append(open(access, secrets), 'allowed'))).toBe('LOGIN_REFUSED')
  })

  it('denies what is not allowed, and keeps nothing else back', async () => {
    const log = open(accessWith('replicator'), secrets)
    const outcomes = await Promise.all([append(log, 'forbidden'), append(log, 'allowed')])
    expect(outcomes.map(codeOf)).toEqual(['TARGET_DENIED', undefined])
    expect(await readValues(cluster, 'forbidden', 0)).toEqual([])
  })

  it('denies a write that is no longer allowed, without doubt about what is in the log', async () => {
    await createTopics(cluster, [{ name: 'read-only', partitions: 1 }])
    await allow('replicator', 'read-only', [AclOperations.DESCRIBE])
    const { placed, stopped } = await append(open(accessWith('replicator'), secrets), 'read-only')
    expect(placed).toEqual([])
    expect(stopped).toMatchObject({ kind: 'failed', error: { code: 'TARGET_DENIED' } })
  })

  it('is described with a login that may, and names itself when the login is refused', async () => {
    const source = (secret: string) => {
      const log = new KafkaSourceLog(accessWith(secret), { secrets })
      logs.push(log)
      return log
    }
    const partition = { topic: 'allowed', partition: 0 }
    expect(await source('replicator').describe(partition, inTime())).toMatchObject({ logStart: 0n })
    await expect(source('wrong').describe(partition, inTime())).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
  })
})

/** Lets a broker that runs already listen for TLS with certificates as well; returns the port. */
const listenForCertificates = async (
  cluster: LocalCluster,
  folder: string,
  tls: Record<string, string>,
): Promise<number> => {
  const [broker] = cluster.brokers
  const port = await freePort()
  const file = join(folder, 'broker-1', 'server.properties')
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const more: Record<string, string> = {
    listeners: `,CERTIFIED://127.0.0.1:${port}`,
    'advertised.listeners': `,CERTIFIED://127.0.0.1:${port}`,
    'listener.security.protocol.map': ',CERTIFIED:SSL',
  }
  const extended = lines.map((line) => line + (more[line.slice(0, line.indexOf('='))] ?? ''))
  const added = Object.entries(tls).map(([name, value]) => `listener.name.certified.ssl.${name}=${value}`)
  await broker?.stop()
  await writeFile(file, `${[...extended, ...added].join('\n')}\n`)
  await broker?.start()
  return port
}

const onOneLine = (pem: string): string => pem.trimEnd().replaceAll('\n', '\\n')

describe('a cluster that asks for a certificate', () => {
  let port: number
  let close: () => Promise<void>
  const secrets = new TestSecrets()

  beforeAll(async () => {
    const opened = await openCluster()
    close = opened.close
    const { cluster, folder } = opened
    const authority = createAuthority('test authority', Date.now())
    const server = certify('broker', 'test authority', authority, Date.now())
    const client = certify('replicator', 'test authority', authority, Date.now())
    const stranger = certify('stranger', 'test authority', createAuthority('another', Date.now()), Date.now())
    port = await listenForCertificates(cluster, folder, {
      'client.auth': 'required',
      'keystore.type': 'PEM',
      'keystore.certificate.chain': onOneLine(server.certificate),
      'keystore.key': onOneLine(server.key),
      'truststore.type': 'PEM',
      'truststore.certificates': onOneLine(authority.certificate),
    })
    await createTopics(cluster, [{ name: 'certified', partitions: 1 }])
    secrets.texts.set('authority', JSON.stringify({ certificate: authority.certificate }))
    secrets.texts.set('client', JSON.stringify({ certificate: client.certificate, privateKey: client.key }))
    secrets.texts.set('encrypted', JSON.stringify({ certificate: client.certificate, ...encrypted(client.key) }))
    secrets.texts.set('stranger', JSON.stringify({ certificate: stranger.certificate, privateKey: stranger.key }))
    secrets.texts.set('halves', JSON.stringify({ certificate: client.certificate, privateKey: stranger.key }))
  })
  afterAll(() => close?.())

  const encrypted = (key: string) => {
    const how = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'of the key' } as const
    return { privateKey: createPrivateKey(key).export(how).toString(), privateKeyPassword: how.passphrase }
  }

  const accessWith = (login: KafkaAccess['login']): KafkaAccess => ({
    ...openAccess([`127.0.0.1:${port}`]),
    tls: true,
    caSecret: 'authority',
    login,
  })

  it.each(['client', 'encrypted'])('takes one that its authority signed: %s', async (secret) => {
    const log = open(accessWith({ kind: 'mtls', secret }), secrets)
    expect((await append(log, 'certified')).stopped).toBeUndefined()
  })

  it.each([
    ['no certificate', { kind: 'none' }],
    ['a certificate of another authority', { kind: 'mtls', secret: 'stranger' }],
    ['a certificate and a key that do not belong together', { kind: 'mtls', secret: 'halves' }],
  ] satisfies [string, KafkaAccess['login']][])('refuses %s', async (_what, login) => {
    expect(codeOf(await append(open(accessWith(login), secrets), 'certified', 5_000))).toBe('LOGIN_REFUSED')
  })
})
