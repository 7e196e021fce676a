import { randomBytes } from 'node:crypto'
import { FakeSourceLog } from '../../fakes/source-log.ts'
import { FakeTargetLog } from '../../fakes/target-log.ts'
import { describeSourceLog, describeTargetLog } from '../../support/target-log-contract.ts'

describeTargetLog('the fake', async () => {
  const log = new FakeTargetLog()
  log.refuses = ({ key }) => key === null
  return {
    log,
    createTopic: async (topic, partitions) => {
      log.createTopic(topic, partitions)
    },
    values: async (topic, partition) =>
      log.records(topic, partition).map(({ value }) => Buffer.from(value ?? '', 'base64').toString()),
  }
})

describeSourceLog('the fake', async () => {
  const log = new FakeSourceLog()
  log.logEnd = 5n
  return {
    log,
    createTopicAnew: async (topic, partitions) =>
      log.createTopic(topic, partitions, randomBytes(16).toString('base64url')),
    deleteRecordsBefore: async (topic, partition, offset) => log.deleteRecordsBefore({ topic, partition }, offset),
  }
})
