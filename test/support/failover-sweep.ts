import type { StateMachineDefinition } from '../../infra/constructs/state-language.ts'
import { FAILOVER_STEPS } from '../../shared/domain/failover/failover-step.ts'
import type { StepCall } from '../../shared/domain/failover/step-call.ts'
import { type PairChoices, PairModel } from './failover-model.ts'
import { FailoverRun, type Fault, type RunPlan } from './failover-run.ts'
import { complaints, outcomeOf } from './failover-verdict.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A course that a failover may take, and what is wrong with how it went, if anything. */
export interface Course {
  readonly name: string
  readonly run: (machine: StateMachineDefinition) => Promise<readonly string[]>
}

const SLOW: PairChoices['slow'] = Object.fromEntries(
  [...FAILOVER_STEPS, 'rollback', 'release'].map((step) => [step, 1]),
)

interface Expected {
  readonly outcome?: string
  /** Whether nothing of the pair may have been changed on the way. */
  readonly unchanged?: boolean
}

const course = (
  name: string,
  choices: PairChoices,
  plan: () => Omit<RunPlan, 'name'>,
  { outcome, unchanged = false }: Expected = {},
): Course => ({
  name,
  run: async (machine) => {
    const pair = new PairModel(choices)
    const ending = await new FailoverRun(machine, pair, new VirtualClock(), { name: 'one', ...plan() }).run()
    const ended = outcomeOf(ending)
    return [
      ...complaints(ending, pair),
      ...(outcome === undefined || ended === outcome ? [] : [`it ended ${ended} instead of ${outcome}`]),
      ...(unchanged && pair.changes > 0 ? [`${pair.changes} changes were made`] : []),
    ]
  },
})

const ASKS: PairChoices = { needsApproval: true }
const MINUTE = 60_000

const NOTHING: Expected = { outcome: 'rolled-back', unchanged: true }
const plain = () => ({})
const approved = (hash: string, tookMs = MINUTE) => ({ tookMs, result: { hash, by: 'somebody' } })

/** Without a fault of AWS or ours: what people and the pair itself may bring. */
export const PLAIN_COURSES: readonly Course[] = [
  course('planned', {}, plain, { outcome: 'done' }),
  course('planned, each step slow', { slow: SLOW, ...ASKS }, plain, { outcome: 'done' }),
  course('approved', ASKS, plain, { outcome: 'done' }),
  course('approved late', ASKS, () => ({ approves: (_, hash) => approved(hash, 30 * MINUTE) }), { outcome: 'done' }),
  course(
    'approved late, and never the same',
    { ...ASKS, restless: true },
    () => ({ approves: (_, hash) => approved(hash, 30 * MINUTE) }),
    NOTHING,
  ),
  course('approved by nobody', ASKS, () => ({ approves: () => undefined }), NOTHING),
  course('approved as something else', ASKS, () => ({ approves: () => approved('other') }), NOTHING),
  course('approved at once as something else', ASKS, () => ({ approves: () => approved('other', 0) }), NOTHING),
  course('approved as nothing', ASKS, () => ({ approves: () => ({ tookMs: MINUTE, result: {} }) }), NOTHING),
  course('declined', ASKS, () => ({ approves: () => ({ tookMs: MINUTE, error: { name: 'Declined' } }) }), NOTHING),
  course('a preflight that does not pass', { passes: false }, plain, NOTHING),
  course('a fence that keeps nobody out', { leaky: true }, plain, { outcome: 'rolled-back' }),
  course('a drain that is never done', { slow: { drain: 100_000 } }, plain, { outcome: 'rolled-back' }),
  course('a drill', ASKS, () => ({ mode: 'drill' }), { outcome: 'drilled', unchanged: true }),
  course('a drill to the active cluster', { rests: true }, () => ({ mode: 'drill' }), {
    outcome: 'resting',
    unchanged: true,
  }),
  course('a failover where drills would rest', { rests: true }, plain, { outcome: 'done' }),
  course('a drill that does not pass', { passes: false }, () => ({ mode: 'drill' }), NOTHING),
]

const ALL = Number.POSITIVE_INFINITY
const AWS = 'Lambda.SdkClientException'
const CRASH = 'Runtime.ExitError'

export const FAULTS: Readonly<Record<string, Fault>> = {
  'AWS fails before it': { kind: 'error', name: AWS, after: 0 },
  'AWS loses its answer': { kind: 'error', name: AWS, after: ALL },
  'it dies before it begins': { kind: 'error', name: CRASH, after: 0 },
  'it dies after its first write': { kind: 'error', name: CRASH, after: 1 },
  'it dies after its second write': { kind: 'error', name: CRASH, after: 2 },
  'it dies when it is done': { kind: 'error', name: CRASH, after: ALL },
  'it comes a little later': { kind: 'late', name: AWS, delayMs: 1_500 },
  'it comes much later': { kind: 'late', name: CRASH, delayMs: 4 * MINUTE },
  'it is never heard of': { kind: 'timeout', after: 0 },
  'it is done, and never heard of': { kind: 'timeout', after: ALL },
  'it refuses': { kind: 'answers', payload: { outcome: 'refused', message: 'no' } },
  'it says not yet': { kind: 'answers', payload: { outcome: 'again', message: 'wait' } },
  'it talks nonsense': { kind: 'answers', payload: { outcome: 'done' } },
  'it says nothing': { kind: 'answers', payload: null },
}

export const CALLED: readonly StepCall['step'][] = [
  ...FAILOVER_STEPS.filter((step) => step !== 'gate'),
  'rollback',
  'release',
  'hold',
]

/** Ways to hold: an operator who tries once more and then ends it, who undoes it, and who is not there. */
const OPERATORS: Readonly<Record<string, RunPlan['operator']>> = {
  'and ends it': undefined,
  'and tries again': (asked) => ({ tookMs: MINUTE, result: { do: asked < 2 ? 'retry' : 'end' } }),
  'and undoes it': (asked) => ({ tookMs: MINUTE, result: { do: asked < 2 ? 'rollback' : 'end' } }),
  'and is not there': () => undefined,
}

/** One fault at every step, once, or whenever it is called. */
export const FAULTY_COURSES: readonly Course[] = Object.entries(FAULTS).flatMap(([what, fault]) =>
  CALLED.flatMap((faulty) => [
    course(`once at ${faulty} ${what}`, ASKS, () => ({ faults: once(faulty, fault) })),
    course(`in a drill, always at ${faulty} ${what}`, {}, () => ({ mode: 'drill', faults: always(faulty, fault) })),
    ...Object.entries(OPERATORS).map(([how, operator]) =>
      course(`always at ${faulty} ${what}, and somebody is asked, ${how}`, {}, () => ({
        faults: always(faulty, fault),
        ...(operator && { operator }),
      })),
    ),
    ...(faulty === 'approve'
      ? [
          course(`once when it is written down that somebody approved, ${what}`, ASKS, () => ({
            faults: noting(once(faulty, fault)),
          })),
          course(`always when it is written down that somebody approved, ${what}`, ASKS, () => ({
            faults: noting(always(faulty, fault)),
          })),
        ]
      : []),
    course(`at ${faulty} ${what}, where a fence keeps nobody out`, { leaky: true }, () => ({
      faults: once(faulty, fault),
    })),
    course(`at ${faulty} ${what}, and nothing can be undone or asked`, {}, () => ({
      faults: both(once(faulty, fault), neither),
    })),
  ]),
)

type Faults = NonNullable<RunPlan['faults']>

const always =
  (faulty: StepCall['step'], fault: Fault): Faults =>
  (step) =>
    step === faulty ? fault : undefined

const once = (faulty: StepCall['step'], fault: Fault): Faults => {
  let met = false
  return (step) => {
    if (step !== faulty || met) return undefined
    met = true
    return fault
  }
}

/** Only once somebody has answered. */
const noting =
  (faults: Faults): Faults =>
  (step, index, call) =>
    call.approved === undefined ? undefined : faults(step, index, call)

const neither: Faults = (step) =>
  step === 'rollback' || step === 'hold' ? { kind: 'error', name: CRASH, after: 0 } : undefined

const both =
  (one: Faults, other: Faults): Faults =>
  (step, index, call) =>
    one(step, index, call) ?? other(step, index, call)

const STOPPABLE: PairChoices = { ...ASKS, slow: SLOW }
const HOUR = 60 * MINUTE

/** How many moments an execution has at which somebody may stop it. */
export const momentsOf = async (machine: StateMachineDefinition): Promise<number> => {
  let moments = 0
  const stops = (): boolean => {
    moments++
    return false
  }
  await new FailoverRun(machine, new PairModel(STOPPABLE), new VirtualClock(), { name: 'one', stops }).run()
  return moments
}

/** Stopped at one moment, and taken up again an hour later. */
export const stoppedAndRedriven = (moment: number): Course => ({
  name: `stopped at moment ${moment}, and taken up again`,
  run: async (machine) => {
    const [pair, clock] = [new PairModel(STOPPABLE), new VirtualClock()]
    const one = new FailoverRun(machine, pair, clock, { name: 'one', stops: ({ index }) => index === moment })
    const stopped = await one.run()
    clock.pass(HOUR)
    const ending = await one.redrive()
    const where = ` (${one.execution.visited.at(-1)})`
    return [
      ...(stopped.status === 'ABORTED' ? [] : [`it was not stopped, but ${stopped.status}`]),
      ...complaints(ending, pair),
      ...(outcomeOf(ending) === 'done' ? [] : [`it ended ${outcomeOf(ending)}${where}`]),
    ]
  },
})

/** Stopped at one moment for good; the next one takes the lock over, and the first one is taken up again after all. */
export const stoppedAndOvertaken = (moment: number): Course => ({
  name: `stopped at moment ${moment}, overtaken by another one, and taken up again`,
  run: async (machine) => {
    const [pair, clock] = [new PairModel(STOPPABLE), new VirtualClock()]
    const one = new FailoverRun(machine, pair, clock, { name: 'one', stops: ({ index }) => index === moment })
    await one.run()
    clock.pass(MINUTE)
    const other = await new FailoverRun(machine, pair, clock, { name: 'other' }).run()
    const [promoted, roles] = [pair.forward.role === 'active', JSON.stringify([pair.forward, pair.reverse])]
    const last = await one.redrive()
    const isAsLeft = roles === JSON.stringify([pair.forward, pair.reverse]) || !promoted || outcomeOf(last) === 'done'
    return [
      ...pair.violations,
      ...[other, last].flatMap(({ status }) => (status === 'SUCCEEDED' ? [] : [`one of them ended ${status}`])),
      ...(promoted ? [] : ['nobody promoted']),
      ...(isAsLeft ? [] : ['the first one changed what the other one did']),
    ]
  },
})
