import type { PartitionLog } from './partition-log.ts'

/** Whether two logs hold the same records in the same order, wherever these lie. */
export const haveSameRecords = (one: PartitionLog, other: PartitionLog): boolean => {
  if (one.size !== other.size) return false
  for (let at = 0; at < one.size; at++) if (!one.equals(at, other, at)) return false
  return true
}
