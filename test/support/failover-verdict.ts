import { FAILOVER_ENDINGS } from '../../shared/domain/failover/step-call.ts'
import type { Ending } from './asl-errors.ts'
import type { PairModel } from './failover-model.ts'

/** What is wrong with how an execution ended, and with what it left behind; nothing, as it should be. */
export const complaints = (ending: Ending, pair: PairModel): readonly string[] => [
  ...pair.violations,
  ...(ending.status === 'SUCCEEDED'
    ? ofOutcome(outcomeOf(ending), pair)
    : [`it ended ${ending.status}: ${ending.error}`]),
]

export const outcomeOf = (ending: Ending): string => {
  const output = ending.status === 'SUCCEEDED' ? ending.output : undefined
  return typeof output === 'object' && output !== null && 'outcome' in output ? String(output.outcome) : ending.status
}

const ofOutcome = (outcome: string, pair: PairModel): readonly string[] => {
  const { forward, reverse, fenced, clients, lock } = pair
  const is = `${forward.mode}/${forward.role}, back ${reverse.mode}, ${fenced ? 'fenced' : 'open'}, clients ${clients}`
  const promoted = forward.role === 'active' && forward.mode === 'stopped' && forward.epoch === 1
  const untouched = forward.role === 'standby' && forward.mode === 'forwarding' && forward.epoch === 0
  const wanted: Readonly<Record<string, boolean>> = {
    done: promoted && reverse.mode === 'forwarding' && fenced && clients === 'to',
    'rolled-back': untouched && reverse.mode === 'stopped' && !fenced && clients === 'from',
    held: true,
    resting: untouched && pair.changes === 0 && lock === undefined,
    drilled: untouched && pair.changes === 0 && pair.drills > 0,
  }
  return [
    ...(FAILOVER_ENDINGS.some((one) => one === outcome) ? [] : [`it ended as ${outcome}`]),
    ...(wanted[outcome] === false ? [`it ended ${outcome}, and is ${is}`] : []),
    ...(outcome !== 'drilled' && pair.drills > 0 ? ['a drill was noted that was none'] : []),
    ...(lock !== undefined && pair.releases === 0 ? [`${lock.by} kept the lock`] : []),
  ]
}
