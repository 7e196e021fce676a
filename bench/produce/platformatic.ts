import { Producer } from '@platformatic/kafka'
import { peakMemoryBytes, Stopwatch } from '../stopwatch.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'
import { sendInFlight } from './in-flight.ts'
import { eventTemplate } from './kafka-event.ts'

export const PLATFORMATIC_SETTINGS = 'send of a whole event, 3 in flight, not idempotent, values as ready Buffers'
const AT_ONCE = 3

export const contendPlatformatic = async (job: ContestJob): Promise<ContestFigures> => {
  const { shape } = job
  const event = eventTemplate(shape, job.topic, job.partitions)
  const timestamp = BigInt(Date.now())
  const producer = new Producer({
    clientId: 'twinshore-bench',
    bootstrapBrokers: [...job.bootstrapServers],
    acks: -1,
    compression: shape.compression,
    maxInflights: AT_ONCE,
  })
  const messages = event.values.flatMap((share, partition) =>
    share.map((value) => ({ topic: job.topic, partition, value, timestamp })),
  )
  const send = () => producer.send({ messages })
  const rounds = Math.ceil(job.bytes / event.valueBytes)
  await sendInFlight(Math.ceil(job.warmUpBytes / event.valueBytes), AT_ONCE, send)
  const watch = new Stopwatch()
  await watch.measure(() => sendInFlight(rounds, AT_ONCE, send))
  await producer.close()
  const { seconds, cpuSeconds } = watch
  const bytes = rounds * event.valueBytes
  return { bytes, records: rounds * event.records, seconds, cpuSeconds, peakMemoryBytes: peakMemoryBytes() }
}
