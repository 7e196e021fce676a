import type { FailoverLimits, FailoverMode } from './failover-input.ts'

/** `warn`: somebody should know, and it stops nothing. `unknown`: nobody can tell, which stops what a failure would stop. */
export type CheckVerdict = 'pass' | 'fail' | 'warn' | 'unknown'

/** What one check found; texts for people, with their units. */
export interface CheckFinding {
  readonly measured: string
  readonly limit: string
  readonly verdict: CheckVerdict
  /** Why, or what to look at. */
  readonly detail: string
}

/** `planned`: also failbacks and drills. */
export type PreflightKind = 'planned' | 'unplanned'

interface CheckRule {
  /** `gates`: has to pass. `advises`: is told, and stops nothing. `absent`: makes no sense there. */
  readonly planned: 'gates' | 'advises' | 'absent'
  readonly unplanned: 'gates' | 'advises' | 'absent'
  /** Whether who says `force`, with a reason, may go on without it. */
  readonly forceable: boolean
}

/**
 * Every check, in the order in which it is told. What two writable sides could come of is never forced; debts to a cluster
 * that was given up can be, since that may be the only one that is left, and a planned failover is refused before it looks.
 */
export const CHECK_RULES = {
  'source-reachable': { planned: 'gates', unplanned: 'absent', forceable: false },
  'source-unhealthy': { planned: 'absent', unplanned: 'gates', forceable: true },
  'target-reachable': { planned: 'gates', unplanned: 'gates', forceable: false },
  'canary-alive': { planned: 'gates', unplanned: 'gates', forceable: true },
  'lag-records': { planned: 'gates', unplanned: 'gates', forceable: true },
  'lag-seconds': { planned: 'gates', unplanned: 'advises', forceable: true },
  'partitions-equal': { planned: 'gates', unplanned: 'advises', forceable: false },
  'topics-sound': { planned: 'gates', unplanned: 'advises', forceable: true },
  'gaps-explained': { planned: 'gates', unplanned: 'advises', forceable: true },
  'groups-fresh': { planned: 'gates', unplanned: 'advises', forceable: true },
  'target-in-sync': { planned: 'gates', unplanned: 'gates', forceable: true },
  'target-racks': { planned: 'advises', unplanned: 'advises', forceable: true },
  'target-disk': { planned: 'gates', unplanned: 'gates', forceable: true },
  'settings-in-step': { planned: 'gates', unplanned: 'advises', forceable: true },
  'access-in-step': { planned: 'gates', unplanned: 'advises', forceable: true },
  'no-foreign-writes': { planned: 'gates', unplanned: 'gates', forceable: true },
  'one-writable-side': { planned: 'gates', unplanned: 'gates', forceable: false },
  'no-pending-fence': { planned: 'gates', unplanned: 'gates', forceable: true },
  'reverse-stopped': { planned: 'gates', unplanned: 'advises', forceable: false },
  'source-retention': { planned: 'gates', unplanned: 'advises', forceable: true },
  'target-retention': { planned: 'gates', unplanned: 'gates', forceable: true },
} as const satisfies Record<string, CheckRule>

export type CheckName = keyof typeof CHECK_RULES

export const CHECK_NAMES = Object.keys(CHECK_RULES) as readonly CheckName[]

export interface PreflightCheck extends CheckFinding {
  readonly name: CheckName
  /** It said no, and the execution goes on all the same, since somebody gave a reason. */
  readonly forced?: true
}

/** What is asked for when the facts are judged. */
export interface PreflightAsk {
  readonly mode: FailoverMode
  readonly reason: string
  readonly force: boolean
  readonly limits: FailoverLimits
  /** What a pair's link says of itself. */
  readonly link: {
    readonly heartbeats: boolean
    /** Applications of both clusters write to topics of the same names, and records tell where they come from. */
    readonly provenance: boolean
    /** A replica has the name of its source: forwarding both ways at once would go round. */
    readonly keepsNames: boolean
    /** How long retention has to leave what may still be needed. */
    readonly headroomMs: number
  }
}

export const kindOf = (mode: FailoverMode): PreflightKind => (mode === 'unplanned' ? 'unplanned' : 'planned')

/** As the mode of the execution, and who forces it, make of what was found; absent: the check makes no sense there. */
export const ruled = (name: CheckName, found: CheckFinding, ask: PreflightAsk): PreflightCheck | undefined => {
  const rule: CheckRule = CHECK_RULES[name]
  const weight = rule[kindOf(ask.mode)]
  if (weight === 'absent') return undefined
  if (found.verdict === 'pass' || found.verdict === 'warn') return { name, ...found }
  if (weight === 'advises') return { name, ...found, verdict: 'warn' }
  if (rule.forceable && ask.force && ask.reason.trim() !== '') return { name, ...found, verdict: 'warn', forced: true }
  return { name, ...found }
}

/** Whether a failover may go on with it. */
export const allows = ({ verdict }: PreflightCheck): boolean => verdict === 'pass' || verdict === 'warn'
