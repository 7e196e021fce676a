import { describe, expect, it } from 'vitest'
import { EventPayload } from '../../../../local/poller/event-payload.ts'
import { sliceFrom } from '../../../support/log-batches.ts'

const encode = (payload: EventPayload): Record<string, unknown> => {
  const slices = [sliceFrom(5, 2), sliceFrom(9, 1, 1)]
  return JSON.parse(payload.encode(slices, Buffer.alloc(payload.bytes(slices) + 100)).toString())
}

describe('EventPayload', () => {
  it('names a self-managed source without an ARN', () => {
    const event = encode(new EventPayload({ bootstrapServers: ['a:9092', 'b:9092'] }))
    expect(event).toMatchObject({ eventSource: 'SelfManagedKafka', bootstrapServers: 'a:9092,b:9092' })
    expect(event).not.toHaveProperty('eventSourceArn')
  })

  it('names an MSK source by its ARN', () => {
    const eventSourceArn = 'arn:aws:kafka:us-east-1:000000000000:cluster/orders/1'
    const event = encode(new EventPayload({ bootstrapServers: ['a:9092'], eventSourceArn }))
    expect(event).toMatchObject({ eventSource: 'aws:kafka', eventSourceArn })
  })

  it('keys the records of several partitions by topic and partition', () => {
    const { records } = encode(new EventPayload({ bootstrapServers: ['a:9092'] })) as {
      records: Record<string, { offset: number }[]>
    }
    expect(Object.entries(records).map(([key, list]) => [key, list.map(({ offset }) => offset)])).toEqual([
      ['orders-0', [5, 6]],
      ['orders-1', [9]],
    ])
  })
})
