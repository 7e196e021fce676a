import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import kafkajs from 'kafkajs'
import { kafkaClient } from '../../local/kafka-client.ts'
import { peakMemoryBytes, Stopwatch } from '../stopwatch.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'
import { sendInFlight } from './in-flight.ts'
import { eventTemplate } from './kafka-event.ts'

const { CompressionCodecs, CompressionTypes } = kafkajs // its named exports are more than Node finds in it

export const KAFKAJS_SETTINGS = 'sendBatch of a whole event, 3 in flight, not idempotent, values as ready Buffers'
const AT_ONCE = 3

const level3 = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }

/** kafkajs brings no zstd, and takes it as a plug-in. */
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder: { buffer: Buffer }) => zstdCompressSync(encoder.buffer, level3),
  decompress: async (buffer: Buffer) => zstdDecompressSync(buffer),
})

export const contendKafkajs = async (job: ContestJob): Promise<ContestFigures> => {
  const { shape } = job
  const event = eventTemplate(shape, job.topic, job.partitions)
  const timestamp = String(Date.now())
  const messages = event.values.flatMap((share, partition) => share.map((value) => ({ partition, value, timestamp })))
  const compression = shape.compression === 'zstd' ? CompressionTypes.ZSTD : CompressionTypes.None
  const producer = kafkaClient(job.bootstrapServers, { kind: 'none' }).producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const send = () => producer.sendBatch({ acks: -1, compression, topicMessages: [{ topic: job.topic, messages }] })
  const rounds = Math.ceil(job.bytes / event.valueBytes)
  await sendInFlight(Math.ceil(job.warmUpBytes / event.valueBytes), AT_ONCE, send)
  const watch = new Stopwatch()
  await watch.measure(() => sendInFlight(rounds, AT_ONCE, send))
  await producer.disconnect()
  const { seconds, cpuSeconds } = watch
  const bytes = rounds * event.valueBytes
  return { bytes, records: rounds * event.records, seconds, cpuSeconds, peakMemoryBytes: peakMemoryBytes() }
}
