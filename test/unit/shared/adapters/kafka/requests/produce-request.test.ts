import { describe, expect, it } from 'vitest'
import { produceRequest } from '../../../../../../shared/adapters/kafka/requests/produce-request.ts'
import { RequestWriter } from '../../../../../../shared/adapters/kafka/requests/request-writer.ts'

const bytes = Buffer.from('a batch')

describe('a Produce request', () => {
  it('never holds a partition twice, since the broker would lose the first batch and report success', () => {
    const twice = [
      { topic: 'orders', partition: 1, bytes },
      { topic: 'orders', partition: 2, bytes },
      { topic: 'orders', partition: 1, bytes },
    ]
    expect(() => produceRequest(twice, 1000)).toThrow(RangeError)
    expect(() => produceRequest(twice.slice(1), 1000)).not.toThrow()
  })

  it('is answered when all in-sync replicas have the records, whether or not in a transaction', () => {
    for (const transactionalId of [undefined, 'twinshore.west-east.orders.0']) {
      const writer = new RequestWriter()
      produceRequest([{ topic: 'orders', partition: 1, bytes }], 1000, transactionalId).write(writer)
      const afterId = 2 + (transactionalId?.length ?? 0)
      expect(Buffer.concat(writer.take()).readInt16BE(afterId)).toBe(-1)
    }
  })

  it('does not copy batches', () => {
    const writer = new RequestWriter()
    produceRequest([{ topic: 'orders', partition: 1, bytes }], 1000).write(writer)
    expect(writer.take()).toContain(bytes)
  })
})
