import { ReplicationError } from '../../domain/errors.ts'
import type { Gap } from '../../domain/head.ts'
import { partitionName } from '../../domain/record.ts'
import { Comparison } from '../../domain/verify/comparison.ts'
import { firstRun, type WholeMap } from '../offset-map/map-runs.ts'
import type { Deadline } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import { edgesOf } from './log-edges.ts'
import type { RangeSetting } from './range-setting.ts'
import { RangeVerification } from './range-verification.ts'
import type { RangeReport, VerifyDeps, VerifyRange } from './verify-ports.ts'

/**
 * Compares a range of both clusters, record by record through the offset map, until its end or until the time `until`
 * (milliseconds since 1970); then call it again from `next` and `uncoveredFrom` on. What of a hole nobody has read before goes into the gap
 * ledger as lost when it is gone, and holes that were read are confirmed.
 */
export const verifyRange = async (
  range: VerifyRange,
  until: number,
  deadline: Deadline,
  deps: VerifyDeps,
): Promise<RangeReport> => {
  const setting = await settingOf(range, deadline, deps)
  const targetTopic = deps.targetTopic(range.topic)
  const compacted = range.holesOnly ? false : await deps.isCompacted(targetTopic, deadline)
  const verification = new RangeVerification(setting, new Comparison({ provenance: deps.provenance, compacted }), deps)
  return await verification.run(until)
}

const settingOf = async (range: VerifyRange, deadline: Deadline, deps: VerifyDeps): Promise<RangeSetting> => {
  const { topic, partition } = range
  const head = headIn(await deps.state.readVerified([range], deadline), range)
  if (head === undefined) {
    const doing = `verifying ${partitionName(range)}: nothing of it was ever replicated`
    throw new ReplicationError('TOPIC_UNFOLLOWED', doing)
  }
  const [gaps, other, sourceEdges, targetEdges] = await Promise.all([
    deps.state.gaps(range, deadline),
    deps.lives.otherIncarnation(topic, head.incarnation, deadline),
    edgesOf(deps.source, { topic, partition }, deadline),
    edgesOf(deps.target, { topic: deps.targetTopic(topic), partition }, deadline),
  ])
  if (other !== undefined) {
    const doing = `verifying ${partitionName(range)}: the map is of another life of the topic than the source has now`
    throw new ReplicationError('INCARNATION_CHANGED', doing)
  }
  const map = { partition: { topic, partition }, head, pages: deps.state }
  const ours = gaps
    .filter(({ incarnation }) => incarnation === head.incarnation)
    .sort((a, b) => (a.from < b.from ? -1 : 1))
  const start = await mapStart(map, ours, deadline)
  const to = range.to === undefined || range.to > head.nextSource ? head.nextSource : range.to
  const from = range.from < start ? start : range.from
  return { range, map, head, gaps: ours, from: from < to ? from : to, to, sourceEdges, targetEdges, deadline }
}

/** What lies below was never told of in this map, or its page has expired. */
export const mapStart = async (map: WholeMap, gaps: readonly Gap[], deadline: Deadline): Promise<bigint> => {
  const starts = [(await firstRun(map, deadline))?.source, map.head.unverifiedFrom, gaps[0]?.from, map.head.nextSource]
  return starts.reduce<bigint>((least, one) => (one !== undefined && one < least ? one : least), map.head.nextSource)
}
