import type { RequestWriter } from './request-writer.ts'
import type { ResponseReader } from './response-reader.ts'

/** One request of Kafka's protocol in one version: its number, how it is written, how its answer is read. */
export interface KafkaRequest<T> {
  readonly name: string
  readonly apiKey: number
  readonly apiVersion: number
  /** Newer versions have tags after the headers of request and answer. */
  readonly flexible: boolean
  /** About hundreds of topics at once, or a change: takes longer than a question. */
  readonly bulky?: boolean
  write(writer: RequestWriter): void
  read(reader: ResponseReader): T
}
