import { describe, expect, it } from 'vitest'
import { switchOn } from '../../../../../shared/usecases/failover/switch-on.ts'
import type { Deadline } from '../../../../../shared/usecases/ports.ts'
import { FakeMappingControl } from '../../../../fakes/mapping-control.ts'
import { FakeTopicLedger } from '../../../../fakes/topic-ledger.ts'
import { inTime } from '../../../../support/in-time.ts'

const POLLERS = 100
/** As Lambda's control plane is asked. */
const DISTANCE_MS = 100

describe('the pollers of a link with many topics', () => {
  it('are all asked to begin, however long that takes, and are waited for no longer than a moment', async () => {
    let now = 0
    const fake = new FakeMappingControl()
    for (let at = 0; at < POLLERS; at++) {
      const mapping = fake.deploy(`topic-${at}`)
      fake.mappings.set(mapping.id, { ...mapping, state: 'Disabled' })
    }
    const mappings = {
      list: () => fake.list(),
      enable: async (id: string, enabled: boolean, { at }: Deadline) => {
        if (now + DISTANCE_MS > at) throw new Error('who comes after the deadline is not asked')
        now += DISTANCE_MS
        return fake.enable(id, enabled)
      },
    }
    const rest = async (ms: number, { at }: Deadline): Promise<boolean> => {
      now += ms
      return now < at
    }
    const deadline = { ...inTime(), at: 300_000 }
    const told = await switchOn({ mappings, topics: new FakeTopicLedger() }, deadline, {
      clock: { now: () => now },
      rest,
    })
    expect(told).toBe(`0 of ${POLLERS} pollers are on`)
    expect(fake.changes).toHaveLength(POLLERS)
    expect(now).toBeLessThan(POLLERS * DISTANCE_MS + 10_000)
  })
})
