import { describe, expect, it } from 'vitest'
import type { Stay } from '../../../../local/demo/scenarios/pair-reader.ts'
import { readAgain, resumesAt, saidRereads } from '../../../../local/demo/scenarios/said-rereads.ts'

const saw = (partition: number, ...ids: readonly string[]): Stay => ({
  cluster: 'west',
  seen: ids.map((id, at) => ({ topic: 'orders', partition, offset: BigInt(10 + at), id })),
})

describe('what a group reads again', () => {
  it('is what it had got already, of what lies from where it resumes on', () => {
    const stays = [saw(0, 'a', 'b', 'c', 'd'), saw(1, 'x', 'y')]
    expect([...saidRereads(stays, new Set(['b', 'c', 'y', 'z']))]).toEqual(['b', 'c', 'y'])
  })

  it('begins where the report says, and at the beginning where it says nothing', () => {
    const at = resumesAt([{ topic: 'orders', partition: 1, after: '12' }])
    expect([at({ topic: 'orders', partition: 1 }), at({ topic: 'orders', partition: 0 })]).toEqual([12n, 0n])
  })

  it('is counted once, however often it was got', () => {
    expect([...readAgain(['a', 'b', 'a', 'c', 'b', 'a'])]).toEqual(['a', 'b'])
  })
})
