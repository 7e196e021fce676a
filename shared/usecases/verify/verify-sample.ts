import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { addCounts, type Finding, noCounts, type VerifyCounts } from '../../domain/verify/verify-report.ts'
import { inLanes } from '../lanes.ts'
import type { Deadline } from '../ports.ts'
import { type PlannedRange, planVerification, type VerifyPlanDeps } from './plan-verification.ts'
import type { RangeReport, VerifyDeps } from './verify-ports.ts'
import { verifyRange } from './verify-range.ts'

export interface SampleReport {
  /** How many ranges were looked at, to their end or until time was up. */
  readonly ranges: number
  /** How many were left for another time. */
  readonly left: number
  readonly counts: VerifyCounts
  readonly findings: readonly (Finding & PartitionId)[]
  readonly troubles: readonly string[]
}

/** Each holds a fetch of both clusters in memory. */
const LANES = 4
/** In one range, so that a partition with many holes does not keep the others from their turn. */
const LONGEST_MS = 20_000

/**
 * What a schedule does: first holes that nobody has read, before retention takes what is in them; then some samples. Throws
 * when no range could be looked at, so that whoever watches the function hears that nothing is compared any more.
 */
export const verifySample = async (
  perTopic: number,
  until: number,
  deadline: Deadline,
  deps: VerifyDeps & VerifyPlanDeps,
): Promise<SampleReport> => {
  const { ranges, troubles: unseen } = await planVerification({ kind: 'sample', perTopic }, undefined, deadline, deps)
  const reports: RangeReport[] = []
  const troubles = [...unseen]
  let left = 0
  let failure: ReplicationError | undefined
  await inLanes(ranges, LANES, async (range) => {
    const now = deps.clock.now()
    if (now >= until) left++
    else {
      const report = await verifiedOrWhyNot(range, Math.min(until, now + LONGEST_MS), deadline, deps)
      if (report instanceof ReplicationError) {
        failure = report
        troubles.push(report.message)
      } else reports.push(report)
    }
  })
  if (failure !== undefined && reports.length === 0) throw failure
  return {
    ranges: reports.length,
    left,
    counts: reports.reduce((sum, { counts }) => addCounts(sum, counts), noCounts()),
    findings: reports.flatMap(({ topic, partition, findings }) =>
      findings.map((finding) => ({ topic, partition, ...finding })),
    ),
    troubles,
  }
}

/** What is wrong with one partition keeps no other from being looked at. */
const verifiedOrWhyNot = async (
  range: PlannedRange,
  until: number,
  deadline: Deadline,
  deps: VerifyDeps,
): Promise<RangeReport | ReplicationError> => {
  try {
    return await verifyRange(range, until, deadline, deps)
  } catch (error) {
    return asReplicationError(error, `verifying ${partitionName(range)}`)
  }
}
