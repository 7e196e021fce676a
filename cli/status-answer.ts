import type { DeployedFunction } from '../shared/adapters/lambda/function-invocation.ts'
import type { PairFailover } from '../shared/domain/failover/failover-choice.ts'
import { drillLimitDays, type FailoverStanding } from '../shared/domain/failover/failover-watch.ts'
import type { LagReport } from '../shared/domain/lag/lag-report.ts'
import {
  type AlarmVerdict,
  isRaised,
  type JudgedAlarm,
  type LinkFacts,
  type LinkLimits,
  type Told,
  type VerificationSeen,
  verdictsOn,
} from '../shared/domain/lag/link-verdict.ts'
import { fenceName, measureLagName, stackName } from '../shared/domain/link-names.ts'
import { followedOf } from '../shared/domain/topology/followed.ts'
import { type Link, type Pair, placementOf } from '../shared/domain/topology/topology.ts'
import { type Answer, askAll, followerOf, type Invoke, unreadable } from './asking.ts'
import { hasLists } from './pass-text.ts'
import type { Terminal } from './terminal.ts'

/** How a link stands, by what its functions say, or why nobody can tell. */
export type LinkStatusAnswer = WholeStatus | { readonly link: string; readonly error: string }

export interface WholeStatus extends LagReport {
  /** Those that would be on, or of which nobody answered. */
  readonly alarms: readonly JudgedAlarm[]
  readonly verdicts: readonly AlarmVerdict[]
  readonly verified?: VerificationSeen
  /** Of functions that were asked for the rest: why they did not answer. */
  readonly unanswered: readonly string[]
}

/** All but the lag costs passes over all topics and groups, and is asked for less often. */
export type Beside = Omit<LinkFacts, 'lag' | 'verified'> & { readonly unanswered: readonly string[] }

export interface Asking {
  readonly terminal: Terminal
  readonly invoke: Invoke | undefined
}

/** A sample with groups takes seconds; the rest is for a cold start in a network. */
const ANSWERS_WITHIN_MS = 70_000

const canaryOf = (link: Link): DeployedFunction => ({
  region: placementOf(link).region,
  name: measureLagName(link),
  stack: stackName(link, 'watch'),
  answersWithinMs: ANSWERS_WITHIN_MS,
})

const LISTS = ['topics', 'worst', 'alarms', 'troubles'] as const

type LagAnswer = LagReport & { readonly limits: LinkLimits; readonly verified?: VerificationSeen }

const isLagAnswer = (answer: unknown): answer is LagAnswer =>
  hasLists(answer, LISTS) && typeof Reflect.get(answer, 'limits') === 'object'

/** How far each link is behind, by its canary, and what the rest makes of it. */
export const statusesOf = async (
  links: readonly Link[],
  beside: readonly Beside[],
  { terminal, invoke }: Asking,
): Promise<readonly LinkStatusAnswer[]> => {
  const answers = await askAll(links.map(canaryOf), { mode: 'status' }, terminal, invoke)
  return links.flatMap((link, at) => {
    const [answer, rest] = [answers[at], beside[at]]
    return answer === undefined || rest === undefined ? [] : [statusOf(link, answer, rest)]
  })
}

const statusOf = (link: Link, answer: Answer, { unanswered, ...rest }: Beside): LinkStatusAnswer => {
  const { name } = link
  if (answer.kind === 'failed') return { link: name, error: answer.error.message }
  if (!isLagAnswer(answer.answer)) return { link: name, error: unreadable(canaryOf(link), 'status of a link').message }
  const { limits, verified, ...lag } = answer.answer
  const known = verified && { verified }
  const verdicts = verdictsOn({ lag, ...known, ...rest }, limits)
  return { ...lag, ...known, alarms: verdicts.filter(isRaised).map(({ alarm }) => alarm), verdicts, unanswered }
}

/** What the passes over each link would do now, and what its racks would take with them. */
export const besidesOf = async (
  links: readonly Link[],
  pairs: readonly Pair[],
  asking: Asking,
): Promise<readonly Beside[]> => await Promise.all(links.map((link) => besideOf(link, pairs, asking)))

const besideOf = async (link: Link, pairs: readonly Pair[], { terminal, invoke }: Asking): Promise<Beside> => {
  const followed = followedOf(link)
  const pair = pairs.find(({ links }) => links.some(({ name }) => name === link.name))
  const fences = pair?.failover === undefined ? [] : [fenceOf(link)]
  const [passes, source, target, failovers] = await Promise.all([
    askAll(
      followed.map((what) => followerOf(link, what)),
      { mode: 'plan' },
      terminal,
      invoke,
    ),
    askAll([canaryOf(link)], { mode: 'racks', side: 'source' }, terminal, invoke),
    askAll([canaryOf(link)], { mode: 'racks', side: 'target' }, terminal, invoke),
    askAll(fences, { action: 'status' }, terminal, invoke),
  ])
  const pass = (what: (typeof followed)[number]): Answer | undefined => passes[followed.indexOf(what)]
  return {
    ...present('faultedTopics', told(pass('topics'), ['faulted'], faultedIn)),
    ...present('mappingsOff', told(pass('topics'), ['steps'], mappingsOffIn)),
    ...present('faultedGroups', told(pass('groups'), ['faulted'], faultedIn)),
    ...present('faultedAccess', told(pass('access'), ['faulted'], faultedIn)),
    ...present('sourceRacks', told(source[0], ['unsafe'], unsafeIn)),
    ...present('targetRacks', told(target[0], ['unsafe'], unsafeIn)),
    ...present('failovers', pair?.failover && standingIn(failovers[0], pair.failover)),
    unanswered: [...passes, ...source, ...target, ...failovers].flatMap((answer) =>
      answer.kind === 'failed' ? [answer.error.message] : [],
    ),
  }
}

/** In the region of the cluster that takes over. */
const fenceOf = (link: Link): DeployedFunction => ({
  region: link.target.region,
  name: fenceName(link),
  stack: stackName(link, 'failover'),
  answersWithinMs: ANSWERS_WITHIN_MS,
})

const standingIn = (answer: Answer | undefined, { drillEveryDays }: PairFailover): Beside['failovers'] =>
  answer?.kind === 'answered' && isStanding(answer.answer)
    ? { ...answer.answer, drillLimitDays: drillLimitDays(drillEveryDays) }
    : 'unanswered'

const isStanding = (answer: unknown): answer is FailoverStanding => {
  if (typeof answer !== 'object' || answer === null) return false
  const {
    approvalPending,
    held,
    fencePending,
    drillAgeDays,
  }: { readonly [Field in keyof FailoverStanding]?: unknown } = answer
  const told = [approvalPending, held, fencePending].every((one) => typeof one === 'boolean')
  return told && (drillAgeDays === undefined || typeof drillAgeDays === 'number')
}

const present = <Name extends keyof Beside>(name: Name, value: Beside[Name] | undefined): Partial<Beside> =>
  value === undefined ? {} : { [name]: value }

/** What an answer of this version says; nothing when there is none. */
const told = (
  answer: Answer | undefined,
  lists: readonly string[],
  read: (answer: object) => Told | undefined,
): Told | undefined => (answer?.kind === 'answered' && hasLists(answer.answer, lists) ? read(answer.answer) : undefined)

const listIn = (answer: object, name: string): readonly unknown[] => {
  const list: unknown = Reflect.get(answer, name)
  return Array.isArray(list) ? list : []
}

const faultedIn = (answer: object): Told => listIn(answer, 'faulted').length

const mappingsOffIn = (answer: object): Told =>
  listIn(answer, 'steps').filter(
    (step) => typeof step === 'object' && step !== null && Reflect.get(step, 'kind') === 'enable-mapping',
  ).length

/** Where nobody can tell of any partition no alarm fires either. */
const unsafeIn = (answer: object): Told | undefined => {
  const [unsafe, unknown, all] = ['unsafePartitions', 'unknownPartitions', 'partitions'].map((name): unknown =>
    Reflect.get(answer, name),
  )
  if (typeof unsafe !== 'number') return undefined
  return unknown === all ? 'untold' : unsafe
}
