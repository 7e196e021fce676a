import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import kafkajs from 'kafkajs' // its constants cannot be imported by name: it is CommonJS
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import { grantReplication } from '../../local/world/world-security.ts'
import { FLAWLESS, flawlessButForCopies } from '../support/flawless.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'
import { RIG_CREDENTIALS, RIG_REGION } from '../support/rig-topology.ts'
import { variedRecords } from '../support/varied-records.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

const QUICK_TIMEOUT_MS = 9_000
const PARTITIONS = 3

let rig: Rig
let link: RigLink
beforeAll(async () => {
  rig = await startRig('secure', { secure: true, brokers: 3, mortal: true })
  link = await rig.link({ quickTimeoutMs: QUICK_TIMEOUT_MS })
})
afterAll(() => rig?.stop())

const start = async (of: RigLink, topic: string): Promise<void> => {
  await rig.source.createTopic(topic, { partitions: PARTITIONS })
  await rig.target.createTopic(of.targetTopic(topic), { partitions: PARTITIONS })
  await fill(topic, 'first')
}

const RECORDS = 60

const fill = async (topic: string, word: string): Promise<void> => {
  for (let partition = 0; partition < PARTITIONS; partition++)
    await rig.source.produce(topic, partition, variedRecords(RECORDS, `${word} ${partition}`))
}

const ROUND = RECORDS * PARTITIONS

describe('a link to three brokers, over TLS, with a login and no more rights than it needs', () => {
  it('copies records byte for byte', async () => {
    await start(link, 'secured')
    link.poll('secured')
    await link.caughtUp('secured')
    expect(await link.judge('secured')).toEqual({ ...FLAWLESS, records: ROUND })
  })

  it('needs more of them for transactions, says which, and goes on when it has them', async () => {
    const careful = await rig.link({ delivery: 'exactly-once', quickTimeoutMs: QUICK_TIMEOUT_MS })
    await start(careful, 'secured-transactions')
    careful.poll('secured-transactions')
    expect(await careful.error('TARGET_DENIED')).toContain('TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    await grantReplication(rig.target.cluster, 'transactions')
    await careful.caughtUp('secured-transactions')
    expect(await careful.judge('secured-transactions')).toEqual({ ...FLAWLESS, records: ROUND })
    await careful.stop()
  })

  it('waits with TARGET_DENIED while it may not write, and goes on when it may again', async () => {
    await start(link, 'denied')
    link.poll('denied')
    await link.caughtUp('denied')
    const told = link.fn.outcomes.length
    await rig.target.administer((admin) =>
      admin.deleteAcls({
        filters: [
          {
            principal: 'User:replicator',
            operation: AclOperationTypes.WRITE,
            permissionType: AclPermissionTypes.ALLOW,
            resourceType: AclResourceTypes.TOPIC,
            resourceName: '*',
            resourcePatternType: ResourcePatternTypes.LITERAL,
            host: '*',
          },
        ],
      }),
    )
    await fill('denied', 'without rights')
    expect(await link.error('TARGET_DENIED', { after: told })).toContain('denied')
    await grantReplication(rig.target.cluster, 'target')
    await link.caughtUp('denied')
    expect(await link.judge('denied')).toEqual({ ...FLAWLESS, records: 2 * ROUND })
  })

  it.each(['target', 'source'] as const)(
    'says LOGIN_REFUSED when the secret for the %s is wrong, and goes on with the right one',
    async (side) => {
      const own = await rig.link({ quickTimeoutMs: QUICK_TIMEOUT_MS })
      const topic = `wrong-secret-${side}`
      await start(own, topic)
      await keepPassword(side, 'not-the-password')
      own.poll(topic)
      const message = await own.error('LOGIN_REFUSED')
      expect(message).toContain(`twinshore/local/${side}/login`)
      expect(message).not.toContain('not-the-password')
      await keepPassword(side)
      await own.caughtUp(topic)
      expect(await own.judge(topic)).toEqual({ ...FLAWLESS, records: ROUND })
      await own.stop()
    },
  )

  it('goes on when a broker of the target dies', async () => {
    await start(link, 'broker-dies')
    link.poll('broker-dies', { batchSize: 25 })
    await eventually('replication to begin', () => link.fn.outcomes.some(({ topic }) => topic === 'broker-dies'), {
      withinMs: 30_000,
      everyMs: 5,
    })
    const [broker] = rig.target.cluster.brokers
    await broker?.kill()
    await fill('broker-dies', 'meanwhile')
    await link.caughtUp('broker-dies')
    const verdict = await link.judge('broker-dies')
    expect(verdict).toEqual({ ...flawlessButForCopies(verdict), records: 2 * ROUND })
  })
})

/** Puts another password into the secret of a cluster, or the right one. */
const keepPassword = async (side: 'source' | 'target', password?: string): Promise<void> => {
  const login = rig[side].cluster.loginOf('replicator')
  if (login.kind === 'none') throw new Error('the rig is secure')
  const client = new SecretsManagerClient({
    endpoint: rig.aws?.url ?? '',
    region: RIG_REGION,
    credentials: RIG_CREDENTIALS,
  })
  const secret = { username: login.username, password: password ?? login.password }
  const SecretString = JSON.stringify(secret)
  await client.send(new PutSecretValueCommand({ SecretId: `twinshore/local/${side}/login`, SecretString }))
  client.destroy()
}
