import { FakeLogReader } from '../../fakes/log-reader.ts'
import { describeLogReader } from '../../support/log-reader-contract.ts'

describeLogReader('the fake', async () => {
  const reader = new FakeLogReader()
  return {
    reader,
    createTopic: async (topic, partitions) => reader.createTopic(topic, partitions),
    append: async (partition, records) => void reader.append(partition, ...records),
    appendTransaction: async (partition, end, values) =>
      reader.appendTransaction(
        partition,
        end,
        ...values.map((value) => ({ timestamp: 0, key: null, value: Buffer.from(value), headers: [] })),
      ),
    deleteBelow: async (partition, offset) => reader.deleteBelow(partition, offset),
  }
})
