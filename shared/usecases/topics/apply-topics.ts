import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import { closedHead, closingPages } from '../../domain/topics/closed-head.ts'
import type { TopicStep } from '../../domain/topics/topic-step.ts'
import { inLanes } from '../lanes.ts'
import type { Clock, Deadline, GapAlarm, GapLedger, LinkState, OffsetMapPages, SourceLog } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import { recordLost } from './record-lost.ts'
import type { GroupPositions, MappingControl, PerTopic, TopicAdmin, TopicLedger } from './topic-ports.ts'

export interface ApplyDeps {
  readonly target: TopicAdmin
  readonly ledger: TopicLedger
  readonly state: LinkState
  readonly mappings: MappingControl
  readonly sourceLog: Pick<SourceLog, 'describe'>
  readonly groups: GroupPositions
  readonly pages: Pick<OffsetMapPages, 'pageAtSource'> & Pick<GapLedger, 'gaps'>
  readonly alarm: GapAlarm
  readonly clock: Clock
}

/** `skipped`: an earlier step of the same topic failed; the next pass plans it anew. */
export type StepOutcome =
  | { readonly kind: 'done' | 'skipped'; readonly step: TopicStep }
  | { readonly kind: 'failed'; readonly step: TopicStep; readonly error: ReplicationError }

type StepOf<Kind extends TopicStep['kind']> = TopicStep & { readonly kind: Kind }

/**
 * Does the steps of a plan in their order; those of one kind go together. Each topic stops at its first failure and no
 * other topic does. Whatever was done before a crash, the next plan no longer has.
 */
export const applyTopics = async (
  steps: readonly TopicStep[],
  deadline: Deadline,
  deps: ApplyDeps,
): Promise<readonly StepOutcome[]> => {
  const outcomes: StepOutcome[] = []
  const stopped = new Set<string>()
  for (const [, group] of Map.groupBy(steps, ({ kind }) => kind)) {
    const due = group.filter(({ topic }) => !stopped.has(topic))
    const failures = await applyAlike(due, deadline, deps)
    for (const step of group) outcomes.push(outcomeOf(step, stopped, failures))
    for (const { topic } of failures.keys()) stopped.add(topic)
  }
  return outcomes
}

type Failures = ReadonlyMap<TopicStep, ReplicationError>

const outcomeOf = (step: TopicStep, stopped: ReadonlySet<string>, failures: Failures): StepOutcome => {
  if (stopped.has(step.topic)) return { kind: 'skipped', step }
  const error = failures.get(step)
  return error === undefined ? { kind: 'done', step } : { kind: 'failed', step, error }
}

const applyAlike = async (steps: readonly TopicStep[], deadline: Deadline, deps: ApplyDeps): Promise<Failures> => {
  const [first] = steps
  if (first === undefined) return new Map()
  try {
    return isOfTarget(first) ? await changeTarget(steps, deadline, deps) : await eachAlone(steps, deadline, deps)
  } catch (error) {
    const failure = asReplicationError(error, `applying the plan: ${first.kind} of ${steps.length} topics`)
    return new Map(steps.map((step) => [step, failure]))
  }
}

const TARGET_STEPS = ['create', 'grow', 'alter', 'remove'] as const
type TargetStep = StepOf<(typeof TARGET_STEPS)[number]>

const isOfTarget = (step: TopicStep): step is TargetStep => (TARGET_STEPS as readonly string[]).includes(step.kind)

/** One request for all, with an answer for each. */
const changeTarget = async (
  steps: readonly TopicStep[],
  deadline: Deadline,
  { target }: ApplyDeps,
): Promise<Failures> => {
  const changes = steps.filter(isOfTarget)
  const answers = await ask(target, changes, deadline)
  return new Map(
    changes.flatMap((step) => {
      const answer = answers.get(targetOf(step))
      return answer instanceof ReplicationError ? [[step, answer] as const] : []
    }),
  )
}

/** All steps are of one kind. */
const ask = async (target: TopicAdmin, steps: readonly TargetStep[], deadline: Deadline): Promise<PerTopic<string>> => {
  const only = <Kind extends TargetStep['kind']>(kind: Kind): StepOf<Kind>[] =>
    steps.filter((step): step is StepOf<Kind> & TargetStep => step.kind === kind)
  switch (steps[0]?.kind) {
    case 'create':
      return await target.create(
        only('create').map(({ newTopic }) => newTopic),
        deadline,
      )
    case 'grow':
      return await target.grow(new Map(only('grow').map(({ targetTopic, to }) => [targetTopic, to])), deadline)
    case 'alter':
      return await target.alter(
        new Map(only('alter').map(({ targetTopic, changes }) => [targetTopic, changes])),
        deadline,
      )
    case 'remove':
      return await target.remove(
        only('remove').map(({ targetTopic }) => targetTopic),
        deadline,
      )
    case undefined:
      return new Map()
  }
}

const targetOf = (step: TargetStep): string => (step.kind === 'create' ? step.newTopic.topic : step.targetTopic)

/** A table answers a few thousand requests a second over so many connections, and Lambda takes far fewer. */
const LANES = 50

const eachAlone = async (steps: readonly TopicStep[], deadline: Deadline, deps: ApplyDeps): Promise<Failures> => {
  const failures = new Map<TopicStep, ReplicationError>()
  const one = async (step: TopicStep): Promise<void> => {
    try {
      await applyOne(step, deadline, deps)
    } catch (error) {
      failures.set(step, asReplicationError(error, `applying the plan: ${step.kind} of ${step.topic}`))
    }
  }
  await inLanes(steps, LANES, one)
  return failures
}

const applyOne = async (step: TopicStep, deadline: Deadline, deps: ApplyDeps): Promise<unknown> => {
  const { mappings } = deps
  switch (step.kind) {
    case 'record-lost':
      return await recordLost(step.lives, deadline, deps)
    case 'hold-back':
    case 'remember':
      return await remember(step, deadline, deps)
    case 'rewind-group':
      return await rewindGroup(step, deadline, deps)
    case 'close-heads':
      return await closeHeads(step, deadline, deps)
    case 'create-mapping':
      return await mappings.create(step.topic, { enabled: step.enabled }, deadline)
    case 'enable-mapping':
      return await mappings.enable(step.id, true, deadline)
    case 'disable-mapping':
      return await mappings.enable(step.id, false, deadline)
    case 'update-mapping':
      return await mappings.update(step.id, step.topic, deadline)
    case 'remove-mapping':
      return await mappings.remove(step.id, deadline)
    default:
      throw new TypeError(`${step.kind} is a step of the target`)
  }
}

const remember = async (
  { topic, from, to }: StepOf<'hold-back' | 'remember'>,
  deadline: Deadline,
  { ledger }: ApplyDeps,
): Promise<void> => {
  if ((await ledger.remember(topic, from, to, deadline)) === 'remembered') return
  const doing = `remembering the topic ${topic}: somebody has changed what is known of it`
  throw new ReplicationError('CHECKPOINT_MOVED', doing)
}

const rewindGroup = async (
  { topic, group, partitions }: StepOf<'rewind-group'>,
  deadline: Deadline,
  { sourceLog, groups }: ApplyDeps,
): Promise<void> => {
  const edges = await Promise.all(partitions.map((partition) => sourceLog.describe({ topic, partition }, deadline)))
  await groups.rewind(group, topic, new Map(edges.map(({ partition, logStart }) => [partition, logStart])), deadline)
}

/** The map of the earlier life is sealed whole, then the head begins anew; a head that moved meanwhile is not ours to close. */
const closeHeads = async (
  { topic, incarnations, next }: StepOf<'close-heads'>,
  deadline: Deadline,
  { state, clock }: ApplyDeps,
): Promise<void> => {
  const partitions = [...incarnations.keys()].map((partition) => ({ topic, partition }))
  const snapshot = await state.read(partitions, deadline)
  for (const partition of partitions) {
    const head = headIn(snapshot, partition)
    if (head === undefined || head.incarnation !== incarnations.get(partition.partition)) continue
    const pages = closingPages(head)
    if (pages.length > 0) await state.seal(partition, pages, deadline)
    const begun = closedHead(head, next, { epoch: snapshot.status.epoch, now: clock.now() })
    if ((await state.advance(partition, head, begun, deadline)) === 'advanced') continue
    const doing = `closing the map of ${topic}-${partition.partition}: its checkpoint moved meanwhile`
    throw new ReplicationError('CHECKPOINT_MOVED', doing)
  }
}
