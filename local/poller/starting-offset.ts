import type { Broker } from '@platformatic/kafka'
import type { StartingPosition } from './mapping.ts'
import type { SourceCluster } from './source-cluster.ts'

/** As Kafka's ListOffsets has them in the place of a time. */
const LOG_START = -2n
const LOG_END = -1n

/** Where a partition starts that the group has no offset of; at a time that no record has reached yet, at its end. */
export const startingOffset = async (
  start: StartingPosition,
  cluster: SourceCluster,
  leader: Broker,
  partition: number,
): Promise<number | undefined> => {
  if (start.kind === 'TRIM_HORIZON') return cluster.offsetAt(leader, partition, LOG_START)
  if (start.kind === 'LATEST') return cluster.offsetAt(leader, partition, LOG_END)
  const found = await cluster.offsetAt(leader, partition, BigInt(start.timestampMs))
  return found ?? cluster.offsetAt(leader, partition, LOG_END)
}

/** Where reading goes on when retention took the position, as the Java client's `auto.offset.reset`. */
export const offsetAfterLoss = (
  start: StartingPosition,
  cluster: SourceCluster,
  leader: Broker,
  partition: number,
): Promise<number | undefined> => cluster.offsetAt(leader, partition, start.kind === 'LATEST' ? LOG_END : LOG_START)
