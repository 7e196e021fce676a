import { Producer } from '@platformatic/kafka'
import { contendClient } from './client-contest.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'
import type { EventRecord } from './event-records.ts'

export const PLATFORMATIC_SETTINGS =
  'send of a whole event; at best 3 in flight, not idempotent, values as ready Buffers'

export const contendPlatformatic = async (job: ContestJob): Promise<ContestFigures> => {
  const producer = new Producer({
    clientId: 'twinshore-bench',
    bootstrapBrokers: [...job.bootstrapServers],
    acks: -1,
    compression: job.shape.compression,
    maxInflights: job.atOnce,
  })
  const [topic] = job.topics
  return contendClient(job, {
    ready: (records: readonly EventRecord[]) =>
      records.map(({ partition, value, timestamp }) => ({ topic, partition, value, timestamp: BigInt(timestamp) })),
    send: (messages) => producer.send({ messages }),
    close: () => producer.close(),
  })
}
