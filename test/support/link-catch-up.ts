import type { PartitionLog } from '../../local/check/partition-log.ts'
import type { LinkState } from '../../shared/usecases/ports.ts'
import { headIn } from '../../shared/usecases/snapshot-head.ts'
import { deadlinesInTime } from './polled.ts'

type Isolation = 'committed' | 'uncommitted'

/** The offset of the last record that the poller brings; undefined: it brings none. */
const lastExpected = (log: PartitionLog, isolation: Isolation): bigint | undefined => {
  for (let at = log.size - 1; at >= 0; at--)
    if (isolation === 'uncommitted' || log.visibility(at) === 'committed') return log.offset(at)
  return undefined
}

/** Whether every record of these logs is behind its checkpoint. */
export const isCaughtUp = async (
  state: LinkState,
  logs: readonly PartitionLog[],
  isolation: Isolation,
): Promise<boolean> => {
  const partitions = logs.map(({ partition }) => partition)
  const snapshot = await state.read(partitions, deadlinesInTime().state)
  return logs.every((log) => {
    const last = lastExpected(log, isolation)
    return last === undefined || (headIn(snapshot, log.partition)?.nextSource ?? 0n) > last
  })
}
