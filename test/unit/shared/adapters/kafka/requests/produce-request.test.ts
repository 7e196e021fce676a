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

  it('does not copy batches', () => {
    const writer = new RequestWriter()
    produceRequest([{ topic: 'orders', partition: 1, bytes }], 1000).write(writer)
    expect(writer.take()).toContain(bytes)
  })
})
