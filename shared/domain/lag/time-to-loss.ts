import { goneUnreplicated, oldestSince, oldestWaiting, type PartitionLook, recordsBehind } from './partition-look.ts'
import { startSpeed } from './start-history.ts'

/** How long retention leaves the oldest record that waits: 0 once it takes them; absent: nothing waits, or nothing is taken. */
export const timeToLossMs = (look: PartitionLook, retentionMs: number | undefined, now: number): number | undefined => {
  if (recordsBehind(look) === 0) return undefined
  if (goneUnreplicated(look) > 0) return 0
  const times = [byRetention(look, retentionMs, now), bySpeed(look, now)].filter((time) => time !== undefined)
  return times.length === 0 ? undefined : Math.max(0, Math.min(...times))
}

const byRetention = (look: PartitionLook, retentionMs: number | undefined, now: number): number | undefined => {
  const waiting = oldestSince(look)
  return retentionMs === undefined || waiting === undefined ? undefined : retentionMs - (now - waiting.since)
}

/** For retention by size, and for whoever deletes records. */
const bySpeed = (look: PartitionLook, now: number): number | undefined => {
  const speed = startSpeed(look.starts, now)
  return speed === undefined ? undefined : (Number(oldestWaiting(look) - look.start) * 1_000) / speed
}
