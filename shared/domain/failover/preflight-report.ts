import { HEARTBEAT_TOPIC } from '../heartbeat/beat.ts'
import type { FailoverInput, FailoverLimits, FailoverMode, Positions, TailChoice } from './failover-input.ts'
import {
  allows,
  CHECK_NAMES,
  type CheckName,
  type PreflightAsk,
  type PreflightCheck,
  ruled,
} from './preflight-check.ts'
import type { GroupLossFacts, PreflightFacts, TopicRecords } from './preflight-facts.ts'
import type { Judge } from './preflight-finding.ts'
import { canaryAlive, gapsExplained, lagRecords, lagSeconds } from './preflight-lag.ts'
import {
  sourceReachable,
  sourceUnhealthy,
  targetDisk,
  targetInSync,
  targetRacks,
  targetReachable,
} from './preflight-reach.ts'
import { accessInStep, groupsFresh, partitionsEqual, settingsInStep, topicsSound } from './preflight-steps.ts'
import {
  noForeignWrites,
  noPendingFence,
  oneWritableSide,
  reverseStopped,
  sourceRetention,
  targetRetention,
} from './preflight-writers.ts'

const JUDGES: Readonly<Record<CheckName, Judge>> = {
  'source-reachable': sourceReachable,
  'source-unhealthy': sourceUnhealthy,
  'target-reachable': targetReachable,
  'canary-alive': canaryAlive,
  'lag-records': lagRecords,
  'lag-seconds': lagSeconds,
  'partitions-equal': partitionsEqual,
  'topics-sound': topicsSound,
  'gaps-explained': gapsExplained,
  'groups-fresh': groupsFresh,
  'target-in-sync': targetInSync,
  'target-racks': targetRacks,
  'target-disk': targetDisk,
  'settings-in-step': settingsInStep,
  'access-in-step': accessInStep,
  'no-foreign-writes': noForeignWrites,
  'one-writable-side': oneWritableSide,
  'no-pending-fence': noPendingFence,
  'reverse-stopped': reverseStopped,
  'source-retention': sourceRetention,
  'target-retention': targetRetention,
}

/** What an unplanned failover would lose, as far as anybody knows. `records` absent: nobody does. */
export interface ExpectedLoss {
  readonly records?: number
  /** When the source last told, milliseconds since 1970: what it took after that is lost as well, and counted later. */
  readonly knownAt?: number
  readonly topics: readonly TopicRecords[]
}

/** Which failover it is, beside what was found. */
export interface PreflightSubject {
  readonly pair: string
  readonly from: string
  readonly to: string
  /** What it will be after the promotion. */
  readonly epoch: number
}

/** What is read and approved: plain JSON. */
export interface PreflightReport extends PreflightSubject {
  readonly mode: FailoverMode
  /** Milliseconds since 1970. */
  readonly at: number
  readonly reason: string
  readonly force: boolean
  readonly limits: FailoverLimits
  readonly positions: Positions
  readonly tail: TailChoice
  readonly checks: readonly PreflightCheck[]
  readonly passed: boolean
  /** Of unplanned ones; a planned failover loses nothing. */
  readonly loss?: ExpectedLoss
  /** What groups would read again if they resumed where they are on the target now; absent: nobody knows. */
  readonly reread?: GroupLossFacts
}

/** Judges all that was found; pure. */
export const judgePreflight = (
  facts: PreflightFacts,
  ask: PreflightAsk,
  subject: PreflightSubject,
  { positions, tail }: Pick<FailoverInput, 'positions' | 'tail'>,
): PreflightReport => {
  const { mode, reason, force, limits } = ask
  const checks = CHECK_NAMES.flatMap((name) => ruled(name, JUDGES[name](facts, ask), ask) ?? [])
  return {
    ...subject,
    mode,
    at: facts.now,
    reason,
    force,
    limits,
    positions,
    tail,
    checks,
    passed: checks.every(allows),
    ...(mode === 'unplanned' && { loss: expectedLoss(facts) }),
    ...(facts.lag.kind === 'told' && facts.lag.value.groups && { reread: facts.lag.value.groups }),
  }
}

/** Topics of which somebody reads, and an item of the table holds. */
const MOST_TOPICS = 100

const expectedLoss = ({ source, lag }: PreflightFacts): ExpectedLoss => {
  if (source.kind === 'told' && source.value.silent.length === 0) return { records: 0, topics: [] } // the drain brings all
  if (lag.kind === 'untold') return { topics: [] }
  const { records, topics, at, sourceUnreachableSince } = lag.value
  const worst = topics.filter((one) => one.records > 0 && one.topic !== HEARTBEAT_TOPIC).slice(0, MOST_TOPICS)
  return { records, knownAt: sourceUnreachableSince ?? at, topics: worst }
}
