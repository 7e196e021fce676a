import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { Deadline } from '../../../../../shared/usecases/ports.ts'
import {
  type SettleDeps,
  settleMappings,
  switchMappings,
} from '../../../../../shared/usecases/topics/settle-mappings.ts'
import { FakeMappingControl } from '../../../../fakes/mapping-control.ts'

const TOPICS = ['one', 'two', 'three', 'four', 'five']
const DISTANCE_MS = 100

let now: number
let fake: FakeMappingControl
let mappings: SettleDeps['mappings']
let deps: SettleDeps
beforeEach(() => {
  now = 0
  fake = new FakeMappingControl()
  for (const topic of TOPICS) fake.deploy(topic)
  mappings = { list: () => fake.list(), enable: paced((id, enabled) => fake.enable(id, enabled)) }
  deps = { mappings, clock: { now: () => now }, rest, progress: () => undefined }
})

const until = (at: number): Deadline => ({ at, signal: new AbortController().signal })

const rest = async (ms: number, { at }: Deadline): Promise<boolean> => {
  if (now + ms >= at) return false
  now += ms
  await fake.settle()
  return true
}

/** Lambda's control plane takes one request after the other; who comes after the deadline is not asked. */
const paced =
  (enable: SettleDeps['mappings']['enable']): SettleDeps['mappings']['enable'] =>
  async (id, enabled, deadline) => {
    if (now + DISTANCE_MS > deadline.at) throw new ReplicationError('DEADLINE_PASSED', 'switching a mapping')
    now += DISTANCE_MS
    return enable(id, enabled, deadline)
  }

const states = (): string[] => [...fake.mappings.values()].map(({ state }) => state)

describe('mappings that are more than come to their turn before the deadline', () => {
  it('are told as waiting, and go on the next time', async () => {
    const { waiting } = await settleMappings(() => 'Disabled', until(350), deps)
    expect(waiting).toHaveLength(TOPICS.length)
    expect(states()).toEqual(['Disabling', 'Disabling', 'Disabling', 'Enabled', 'Enabled'])
    const later = await settleMappings(() => 'Disabled', until(now + 5_000), deps)
    expect([later.settled.length, later.waiting.length]).toEqual([TOPICS.length, 0])
  })

  it('are told as they were last seen when nobody comes to look again', async () => {
    let looks = 0
    const list = async () => {
      if (looks++ > 0) throw new ReplicationError('DEADLINE_PASSED', 'listing the mappings')
      return fake.list()
    }
    const { waiting } = await settleMappings(() => 'Disabled', until(5_000), {
      ...deps,
      mappings: { ...mappings, list },
    })
    expect(waiting).toHaveLength(TOPICS.length)
  })

  it('are not told at all when nobody came to look once', async () => {
    const list = () => Promise.reject(new ReplicationError('DEADLINE_PASSED', 'listing the mappings'))
    await expect(settleMappings(() => 'Disabled', until(5_000), { ...deps, mappings: { ...mappings, list } }))
      .rejects //
      .toMatchObject({ code: 'DEADLINE_PASSED' })
  })
})

describe('one mapping that is refused', () => {
  it('is thrown, once all others were asked', async () => {
    const [first] = await fake.list()
    const refusing: SettleDeps['mappings']['enable'] = async (id, enabled, deadline) => {
      if (id === first?.id) throw new ReplicationError('MAPPING_REFUSED', 'switching a mapping')
      return mappings.enable(id, enabled, deadline)
    }
    const settling = settleMappings(() => 'Disabled', until(5_000), {
      ...deps,
      mappings: { ...mappings, enable: refusing },
    })
    await expect(settling).rejects.toMatchObject({ code: 'MAPPING_REFUSED' })
    expect(states()).toEqual(['Enabled', 'Disabling', 'Disabling', 'Disabling', 'Disabling'])
  })
})

describe('several mappings that are refused', () => {
  it('are all told, and one that will be refused again gives the code', async () => {
    const [first, second] = await fake.list()
    const refusing: SettleDeps['mappings']['enable'] = async (id, enabled, deadline) => {
      if (id === first?.id) throw new ReplicationError('MAPPINGS_DENIED', 'switching the first')
      if (id === second?.id) throw new ReplicationError('MAPPING_REFUSED', 'switching the second')
      return mappings.enable(id, enabled, deadline)
    }
    const settling = settleMappings(() => 'Disabled', until(5_000), {
      ...deps,
      mappings: { ...mappings, enable: refusing },
    })
    await expect(settling).rejects.toMatchObject({
      code: 'MAPPING_REFUSED',
      message: expect.stringMatching(/2 failed: .*switching the first.*switching the second/),
    })
    expect(states()).toEqual(['Enabled', 'Enabled', 'Disabling', 'Disabling', 'Disabling'])
  })
})

describe('mappings that are switched and not waited for', () => {
  it('are asked once each, but for those that are as they should be, and those for which nothing is wanted', async () => {
    await settleMappings(({ topic }) => (topic === 'five' ? undefined : 'Disabled'), until(5_000), deps)
    const [one] = await fake.list()
    await fake.enable(one?.id ?? '', true)
    await fake.settle()
    fake.changes.length = 0
    await switchMappings(({ topic }) => (topic === 'two' ? undefined : 'Enabled'), until(now + 5_000), deps)
    expect(fake.changes).toEqual(['enable three', 'enable four'])
    expect(states()).toEqual(['Enabled', 'Disabled', 'Enabling', 'Enabling', 'Enabled'])
  })
})
