import { describe, expect, it } from 'vitest'
import { befalls, drawFor, type Faults } from '../../../../local/poller/faults.ts'

const partition = { topic: 'orders', partition: 2 }
const offsets = Array.from({ length: 4000 }, (_, offset) => offset)

describe('a fault', () => {
  const faults: Faults = { seed: 7, deliverTwice: { chance: 0.25, how: 'in-turn' } }

  it('befalls about as many batches as was asked for', () => {
    const struck = offsets.filter((offset) => befalls(faults, 'deliverTwice', partition, offset)).length
    expect(struck / offsets.length).toBeGreaterThan(0.2)
    expect(struck / offsets.length).toBeLessThan(0.3)
  })

  it('befalls all at chance 1, and none that was not asked for', () => {
    const always: Faults = { seed: 1, deliverTwice: { chance: 1, how: 'in-turn' } }
    expect(offsets.every((offset) => befalls(always, 'deliverTwice', partition, offset))).toBe(true)
    expect(offsets.some((offset) => befalls(always, 'replayOld', partition, offset))).toBe(false)
    expect(befalls(undefined, 'deliverTwice', partition, 0)).toBe(false)
  })

  it('depends on the seed, the fault, the partition and the offset, and on nothing else', () => {
    const draws = [
      drawFor(1, 'timeout', partition, 5),
      drawFor(2, 'timeout', partition, 5),
      drawFor(1, 'replayOld', partition, 5),
      drawFor(1, 'timeout', { ...partition, partition: 3 }, 5),
      drawFor(1, 'timeout', partition, 6),
    ]
    expect(new Set(draws).size).toBe(draws.length)
    expect(drawFor(1, 'timeout', partition, 5)).toBe(draws[0])
  })
})
