import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import type { User } from '../../local/kafka/cluster-login.ts'
import { connectAccess } from '../../shared/adapters/access-sync-connections.ts'
import type { AccessAdmin } from '../../shared/usecases/access/survey-access.ts'
import { accessAs } from '../support/access-login.ts'
import { describeAclAdmin } from '../support/acl-admin-contract.ts'
import { acl } from '../support/acl-bindings.ts'
import { inTime } from '../support/in-time.ts'
import { describeQuotaAdmin } from '../support/quota-admin-contract.ts'
import { NO_SECRETS, openAccess, openCluster } from '../support/target-cluster.ts'

let secure: { cluster: LocalCluster; close: () => Promise<void> }
const connections: { close(): void }[] = []

const open = (user: User): AccessAdmin => {
  const { access, secrets } = accessAs(secure.cluster, user)
  const admin = connectAccess(access, { secrets, side: 'target' })
  connections.push(admin)
  return admin
}

beforeAll(async () => {
  secure = await openCluster({ secure: true })
})
afterAll(async () => {
  for (const connection of connections) connection.close()
  await secure?.close()
})

describeAclAdmin('the ACL admin of Kafka', async () => ({ admin: open('admin').acls }))
describeQuotaAdmin('the quota admin of Kafka', async () => ({ admin: open('admin').quotas }))

describe('who has a password', () => {
  it('is told without the password', async () => {
    const { scram } = open('admin')
    const users = new Set(['replicator', 'application'])
    expect(await scram.known(['replicator', 'nobody', 'application'], inTime())).toEqual({ kind: 'told', users })
    expect(await scram.known([], inTime())).toEqual({ kind: 'told', users: new Set() })
  })
})

describe('a login without rights on the cluster', () => {
  const one = acl('User:a', 'read', 'topic', 'refused')

  it.each([
    ['listing ACLs', 'DESCRIBE', ({ acls }: AccessAdmin) => acls.list(inTime())],
    ['listing quotas', 'DESCRIBE_CONFIGS', ({ quotas }: AccessAdmin) => quotas.list(inTime())],
  ])('is told what %s takes', async (_what, operation, ask) => {
    const denied = { code: 'ACCESS_DENIED', message: expect.stringContaining(`User:replicator lacks ${operation} on`) }
    await expect(ask(open('replicator'))).rejects.toMatchObject(denied)
  })

  it.each([
    ['making ACLs', 'ALTER', ({ acls }: AccessAdmin) => acls.create([one], inTime())],
    ['removing ACLs', 'ALTER', ({ acls }: AccessAdmin) => acls.remove([one], inTime())],
    [
      'changing quotas',
      'ALTER_CONFIGS',
      ({ quotas }: AccessAdmin) => quotas.alter([{ user: 'a', key: 'producer_byte_rate', value: 1 }], inTime()),
    ],
  ])('is told what %s takes, and changes nothing', async (_what, operation, ask) => {
    const [answer] = (await ask(open('replicator'))).values()
    const lacks = expect.stringContaining(`User:replicator lacks ${operation} on`)
    expect(answer).toMatchObject({ code: 'ACCESS_DENIED', message: lacks })
    expect(await open('admin').acls.list(inTime())).toMatchObject({ kind: 'listed' })
  })

  it('cannot tell who has a password, and says so', async () => {
    const because = expect.stringContaining('lacks DESCRIBE on')
    expect(await open('replicator').scram.known(['application'], inTime())).toEqual({ kind: 'untold', because })
  })
})

describe('a cluster that lets everybody do everything', () => {
  it('has no rights to tell of', async () => {
    const { cluster, close } = await openCluster()
    const admin = connectAccess(openAccess(cluster.bootstrapServers), { secrets: NO_SECRETS, side: 'target' })
    try {
      expect(await admin.acls.list(inTime())).toEqual({ kind: 'no-authorizer' })
      expect(await admin.quotas.list(inTime())).toEqual({ quotas: [], unheld: [] })
    } finally {
      admin.close()
      await close()
    }
  })
})
