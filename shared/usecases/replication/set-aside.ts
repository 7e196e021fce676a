import type { ReplicationError } from '../../domain/errors.ts'
import type { Gap } from '../../domain/head.ts'
import type { PartitionId, PolledRecord } from '../../domain/record.ts'
import type { Clock, Deadline, GapAlarm, LinkState, Quarantine } from '../ports.ts'

interface SetAsideDeps {
  readonly quarantine: Quarantine
  readonly state: LinkState
  readonly clock: Clock
  readonly alarm: GapAlarm
}

/** Keeps a record that the target refuses for good, and tells the ledger and people that it is not on the target. */
export const setAside = async (
  partition: PartitionId,
  record: PolledRecord,
  incarnation: string,
  { message: reason }: ReplicationError,
  deadline: Deadline,
  { quarantine, state, clock, alarm }: SetAsideDeps,
): Promise<void> => {
  const storedAt = await quarantine.keep(partition, incarnation, record, reason)
  const from = BigInt(record.offset)
  const gap: Gap = { incarnation, from, to: from + 1n, kind: 'quarantined', reason, at: clock.now(), storedAt }
  await state.recordGap(partition, gap, deadline)
  alarm(partition, gap)
}
