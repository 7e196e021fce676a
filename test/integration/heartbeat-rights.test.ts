import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HEARTBEAT_TOPIC } from '../../shared/domain/heartbeat/beat.ts'
import { BeatingLink } from '../support/beating-link.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigCluster } from '../support/rig-cluster.ts'

let rig: Rig
let one: BeatingLink
beforeAll(async () => {
  rig = await startRig('heartbeat-rights', { secure: true })
  one = new BeatingLink(await rig.link({ topics: ['orders'], heartbeats: true }))
})
afterAll(async () => {
  one?.close()
  await rig?.stop()
})

/** As Kafka numbers them: CREATE, DESCRIBE, DESCRIBE_CONFIGS and WRITE. */
const NEEDED = [5, 8, 10, 4]
const [TOPIC, LITERAL, ALLOW] = [2, 3, 3]

const grant = (cluster: RigCluster, topic: string) =>
  cluster.administer(async (admin) => {
    const acl = NEEDED.map((operation) => ({
      ...{ resourceType: TOPIC, resourceName: topic, resourcePatternType: LITERAL },
      ...{ principal: 'User:replicator', host: '*', operation, permissionType: ALLOW },
    }))
    await admin.createAcls({ acl })
  })

describe('what beats need on a source with access rights', () => {
  it('is missing at first, which says so', async () => {
    await expect(one.beat(500)).rejects.toMatchObject({ code: 'TOPIC_DENIED' })
  })

  it('is CREATE, DESCRIBE, DESCRIBE_CONFIGS and WRITE on their topic', async () => {
    await grant(one.link.source, HEARTBEAT_TOPIC)
    await one.beat(8_000)
    expect((await one.sent()).length).toBeGreaterThan(2)
  })
})
