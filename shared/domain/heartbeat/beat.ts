import type { PartitionId, PolledRecord } from '../record.ts'

/** On the source of every link that beats. Links of one source share it, and tell their beats by the key. */
export const HEARTBEAT_TOPIC = 'twinshore.heartbeats'

/** The topic has one partition, so that beats have an order. */
export const HEARTBEAT_PARTITION: PartitionId = { topic: HEARTBEAT_TOPIC, partition: 0 }

export interface Beat {
  /** Without holes from one beat of a link to the next: a hole on the target is a loss. */
  readonly sequence: number
  /** When it was due, milliseconds since 1970: a whole second. */
  readonly at: number
}

/** Who beats. */
export interface Beater {
  readonly link: string
  /** Kafka's `cluster.id` of the source. */
  readonly clusterId: string
  /** Of the link. */
  readonly epoch: number
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** The key of all beats of a link, in base64. */
export const beatKey = (link: string): string => base64(link)

/**
 * A beat as it is written. The timestamp of the record says when that was, so that a beat that is made up for later does not
 * look as if it had been on its way since it was due. A beat that comes twice has the same sequence twice.
 */
export const beatRecord = ({ sequence, at }: Beat, { link, clusterId, epoch }: Beater, now: number): PolledRecord => ({
  offset: sequence,
  timestamp: now,
  key: beatKey(link),
  value: base64(JSON.stringify({ link, clusterId, sequence, at, epoch })),
  headers: [],
})
