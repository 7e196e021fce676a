import type { ResponseReader } from './response-reader.ts'

/** What a cluster answered to a request, or to one part of it. */
export interface ClusterReply {
  /** Kafka's error number. */
  readonly error: number
  /** Its own words, where it has some. */
  readonly because: string | undefined
}

export const readReply = (reader: ResponseReader): ClusterReply => ({ error: reader.int16(), because: reader.string() })

/** In the newer encoding. */
export const readCompactReply = (reader: ResponseReader): ClusterReply => ({
  error: reader.int16(),
  because: reader.compactString(),
})
