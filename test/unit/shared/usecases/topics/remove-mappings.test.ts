import { beforeEach, describe, expect, it } from 'vitest'
import type { Deadline } from '../../../../../shared/usecases/ports.ts'
import { type RemoveMappingsDeps, removeMappings } from '../../../../../shared/usecases/topics/remove-mappings.ts'
import { FakeMappingControl } from '../../../../fakes/mapping-control.ts'
import { inTime } from '../../../../support/in-time.ts'

let mappings: FakeMappingControl
let looks: number
let whenResting: () => Promise<unknown>
let deps: RemoveMappingsDeps
beforeEach(async () => {
  mappings = new FakeMappingControl()
  looks = 0
  whenResting = () => mappings.settle()
  const rest = async (_ms: number, { at }: Deadline): Promise<boolean> => {
    looks += 1
    await whenResting()
    return looks < at
  }
  deps = { mappings, rest }
  mappings.deploy('orders')
  for (const topic of ['payments', 'returns']) await mappings.create(topic, { enabled: true })
  await mappings.settle()
})

const topics = (): string[] => [...mappings.mappings.values()].map(({ topic }) => topic)
const all = (): boolean => true

describe('removing what was made at run time', () => {
  it('leaves the mappings of the stack', async () => {
    expect(await removeMappings(all, inTime(), deps)).toBe(2)
    expect(topics()).toEqual(['orders'])
  })

  it('removes only what is asked for', async () => {
    expect(await removeMappings((topic) => topic === 'returns', inTime(), deps)).toBe(1)
    expect(topics()).toEqual(['orders', 'payments'])
  })

  it('may be done again', async () => {
    await removeMappings(all, inTime(), deps)
    mappings.changes.length = 0
    expect(await removeMappings(all, inTime(), deps)).toBe(0)
    expect(mappings.changes).toEqual([])
  })

  it('takes what is being removed already for its own, and waits until it is gone', async () => {
    for (const { id, topic } of mappings.mappings.values()) if (topic !== 'orders') await mappings.remove(id)
    expect(await removeMappings(all, inTime(), deps)).toBe(2)
    expect(topics()).toEqual(['orders'])
  })

  it('finds what is listed late', async () => {
    const late = async () => {
      await mappings.settle()
      if (looks === 2) await mappings.create('late', { enabled: true })
    }
    whenResting = late
    expect(await removeMappings(all, inTime(), deps)).toBe(3)
    expect(topics()).toEqual(['orders'])
  })

  it('says at the deadline what is not gone', async () => {
    whenResting = async () => undefined
    await expect(removeMappings(all, { ...inTime(), at: 3 }, deps)).rejects.toMatchObject({
      code: 'MAPPINGS_UNREACHABLE',
      message: expect.stringMatching(/2 were not gone, first .* of payments, Deleting/),
    })
  })
})
