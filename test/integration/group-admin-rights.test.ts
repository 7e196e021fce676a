import { AclOperations, AclPermissionTypes, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { KafkaGroupAdmin } from '../../shared/adapters/kafka/kafka-group-admin.ts'
import { accessAs } from '../support/access-login.ts'
import { newOffsets, outcomes } from '../support/group-admin-contract.ts'
import { inTime } from '../support/in-time.ts'
import { openCluster, withAdmin } from '../support/target-cluster.ts'

const { READ, DESCRIBE } = AclOperations

let cluster: LocalCluster
let close: () => Promise<void>
const admins: KafkaGroupAdmin[] = []

const GROUPS = ['moved', 'seen', 'hidden']
const BOTH = newOffsets({ open: { 0: 5n }, closed: { 0: 6n } })

beforeAll(async () => {
  ;({ cluster, close } = await openCluster({ secure: true }))
  await createTopics(
    cluster,
    ['open', 'closed'].map((name) => ({ name, partitions: 1 })),
  )
  const made = await open('admin').commit(new Map(GROUPS.map((group) => [group, BOTH])), inTime())
  for (const group of GROUPS)
    expect(outcomes(made.get(group))).toEqual({ 'open-0': 'committed', 'closed-0': 'committed' })
  await allow(ResourceTypes.GROUP, 'moved', READ)
  await allow(ResourceTypes.GROUP, 'seen', DESCRIBE)
  await allow(ResourceTypes.TOPIC, 'open', READ)
})
afterAll(async () => {
  for (const admin of admins) admin.close()
  await close?.()
})

const open = (user: 'admin' | 'replicator'): KafkaGroupAdmin => {
  const { access, secrets } = accessAs(cluster, user)
  const admin = new KafkaGroupAdmin(access, { secrets, side: 'target' })
  admins.push(admin)
  return admin
}

const allow = (resourceType: number, resourceName: string, operation: number): Promise<void> =>
  withAdmin(cluster, (admin) =>
    admin.createAcls({
      creations: [
        {
          resourceType: resourceType as 2,
          resourceName,
          resourcePatternType: ResourcePatternTypes.LITERAL,
          principal: 'User:replicator',
          host: '*',
          operation: operation as 4,
          permissionType: AclPermissionTypes.ALLOW,
        },
      ],
    }),
  )

const denied = (code: string, lacks: string) => ({
  code,
  message: expect.stringContaining(`on ${cluster.name}: User:replicator lacks ${lacks}`),
})

describe('a login without all rights', () => {
  it('does not see in a list what it may not describe, and is told of what it names', async () => {
    const admin = open('replicator')
    expect([...(await admin.list(inTime())).groups.keys()].sort()).toEqual(['moved', 'seen'])
    const read = await admin.committed(GROUPS, inTime())
    expect(read.get('hidden')).toMatchObject(denied('GROUP_DENIED', 'DESCRIBE on Group `hidden`'))
    expect(outcomes(read.get('seen'))).toEqual({ 'open-0': 5n })
  })

  it('is not told of the offsets in a topic that it may not describe: Kafka leaves them out', async () => {
    expect(outcomes((await open('replicator').committed(['moved'], inTime())).get('moved'))).toEqual({ 'open-0': 5n })
    expect(outcomes((await open('admin').committed(['moved'], inTime())).get('moved'))).toEqual({
      'open-0': 5n,
      'closed-0': 6n,
    })
  })

  it('commits where it may, and is told what it lacks elsewhere', async () => {
    const answers = await open('replicator').commit(new Map(GROUPS.map((group) => [group, BOTH])), inTime())
    expect(GROUPS.map((group) => outcomes(answers.get(group)))).toEqual([
      { 'open-0': 'committed', 'closed-0': 'TOPIC_DENIED' },
      { 'open-0': 'GROUP_DENIED', 'closed-0': 'GROUP_DENIED' },
      { 'open-0': 'GROUP_DENIED', 'closed-0': 'GROUP_DENIED' },
    ])
    const errorOf = (group: string, topic: string): unknown => {
      const answer = answers.get(group)?.get(topic)?.get(0)
      return answer?.kind === 'failed' ? answer.error : answer
    }
    expect(errorOf('moved', 'closed')).toMatchObject(denied('TOPIC_DENIED', 'READ on Topic `closed`'))
    expect(errorOf('seen', 'open')).toMatchObject(denied('GROUP_DENIED', 'READ on Group `seen`'))
    expect(errorOf('hidden', 'open')).toMatchObject(denied('GROUP_DENIED', 'READ on Group `hidden`'))
  })
})
