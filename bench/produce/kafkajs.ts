import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import kafkajs from 'kafkajs'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { contendClient } from './client-contest.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'
import type { EventRecord } from './event-records.ts'

const { CompressionCodecs, CompressionTypes } = kafkajs // its named exports are more than Node finds in it

export const KAFKAJS_SETTINGS =
  'sendBatch of a whole event; at best 3 in flight, not idempotent, values as ready Buffers'

/** kafkajs brings no zstd, and takes it as a plug-in. */
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder: { buffer: Buffer }) => zstdCompressSync(encoder.buffer),
  decompress: async (buffer: Buffer) => zstdDecompressSync(buffer),
})

export const contendKafkajs = async (job: ContestJob): Promise<ContestFigures> => {
  const compression = job.shape.compression === 'zstd' ? CompressionTypes.ZSTD : CompressionTypes.None
  const producer = kafkaClient(job.bootstrapServers, { kind: 'none' }).producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const [topic] = job.topics
  return contendClient(job, {
    ready: (records: readonly EventRecord[]) =>
      records.map(({ partition, value, timestamp }) => ({ partition, value, timestamp: String(timestamp) })),
    send: (messages) => producer.sendBatch({ acks: -1, compression, topicMessages: [{ topic, messages }] }),
    close: () => producer.disconnect(),
  })
}
