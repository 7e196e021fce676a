import { describe, expect, it } from 'vitest'
import { BufferPool } from '../../../../local/poller/buffer-pool.ts'
import { EventPayload } from '../../../../local/poller/event-payload.ts'
import { fetchedBatches } from '../../../../local/poller/fetched-batches.ts'
import { encodeRecords } from '../../../../local/poller/record-json.ts'
import { logBatch, sliceFrom } from '../../../support/log-batches.ts'

describe('BufferPool', () => {
  it('gives a buffer of the size again, and never one that is in use', () => {
    const pool = new BufferPool()
    const first = pool.take(100_000)
    const second = pool.take(100_000)
    expect(first.length).toBeGreaterThanOrEqual(100_000)
    expect(second).not.toBe(first)
    pool.give(first)
    expect(pool.take(90_000)).toBe(first)
    expect(pool.take(300_000)).not.toBe(second)
  })

  it('gets the buffer of records back when the last of them is done with, not before', () => {
    const pool = new BufferPool()
    const batches = fetchedBatches(logBatch({ baseOffset: 0, records: [{}, {}, {}] }))
    const encoded = encodeRecords(batches, { topic: 'orders', partition: 0 }, 0, pool)
    encoded.release(2)
    expect(pool.take(10)).not.toBe(encoded.json)
    encoded.release(1)
    expect(pool.take(10)).toBe(encoded.json)
  })

  it('may hand out room that is longer than the payload in it', () => {
    const payload = new EventPayload({ bootstrapServers: ['a:1'] })
    const slices = [sliceFrom(0, 2)]
    const event = payload.encode(slices, new BufferPool().take(payload.bytes(slices)))
    expect(Object.keys(JSON.parse(event.toString()).records)).toEqual(['orders-0'])
  })
})
