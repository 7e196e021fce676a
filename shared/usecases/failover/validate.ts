import { ReplicationError } from '../../domain/errors.ts'
import { whyDrillsRest, whyNotThisWay } from '../../domain/failover/direction.ts'
import { stoodDown } from '../../domain/failover/pair-roles.ts'
import { keepsName } from '../../domain/topics/topic-naming.ts'
import type { Deadline } from '../ports.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { PerformStep, StepContext, StepResult } from './failover-ports.ts'
import { type PairReading, readPair, rolesOf } from './pair-reading.ts'
import { pairTopics } from './pair-topics.ts'

/**
 * Whether the pair can fail over in this direction at all. A side that has missed a promotion of the other one learns of it
 * here, before anything else is decided; that changes roles, so that a drill only takes it into account.
 */
export const validate: PerformStep<CoreDeps> = async (context, deadline, deps) => {
  const { mode } = context.execution.input
  const reading = await standDown(
    await readPair({ mayMiss: mode === 'unplanned' }, deadline, deps),
    context,
    deadline,
    deps,
  )
  if (reading === undefined) return { outcome: 'again', message: 'the roles were changed while they were looked at' }
  const facts = directionFacts(reading, context, deps)
  const rests = whyDrillsRest(facts)
  if (rests !== undefined) return { outcome: 'done', message: rests, data: { rests: true } }
  const because = whyNotThisWay(facts)
  if (because !== undefined) return { outcome: 'refused', message: because }
  const compacted = context.execution.input.tail === 'scrape' ? await compactedTopics(deadline, deps) : []
  if (compacted.length > 0) return { outcome: 'refused', message: neverEmptied(compacted, deps) }
  return possible(reading, deps)
}

/** Kafka deletes nothing of a topic that is compacted and nothing else. Asks the new active cluster, whose settings are the same. */
const compactedTopics = async (deadline: Deadline, deps: CoreDeps): Promise<readonly string[]> => {
  const topics = await pairTopics(deadline, deps)
  const settings = await deps.to.topics.settings(
    topics.map(({ targetTopic }) => targetTopic),
    deadline,
  )
  return topics.flatMap(({ topic, targetTopic }) => {
    const found = settings.get(targetTopic)
    if (found instanceof ReplicationError) throw found
    return found?.get('cleanup.policy')?.value === 'compact' ? [topic] : []
  })
}

const neverEmptied = (topics: readonly string[], { order }: CoreDeps): string =>
  `nothing can be scraped on ${order.from.cluster}: Kafka empties no topic that is only compacted (${topics.join(', ')}); export, merge or discard the tail, or set their cleanup.policy to compact,delete on both clusters`

export const directionFacts = (
  reading: PairReading,
  { execution }: Pick<StepContext, 'execution'>,
  { order }: Pick<CoreDeps, 'order'>,
) => ({
  input: execution.input,
  roles: rolesOf(reading),
  lock: reading.forward.lock,
  pending: reading.pending,
  from: order.from.cluster,
  to: order.to.cluster,
  initially: order.active === order.to.cluster ? ('to' as const) : ('from' as const),
  hasReverse: order.reverse !== undefined,
  returns: order.reverse !== undefined && !order.reverse.order.link.provenance,
  sameNames: [order.forward, order.reverse].every((one) => one === undefined || keepsName(one.order.link.naming)),
  mayScrape: order.mayScrape,
  exactlyOnce: order.reverse?.order.link.delivery === 'exactly-once',
  others: order.others,
})

const possible = ({ reverse, unheard }: PairReading, { order }: CoreDeps): StepResult => {
  const { from, to } = order
  const way = `from ${from.cluster} to ${to.cluster}`
  if (unheard !== undefined)
    return {
      outcome: 'done',
      message: `${way}; the table in ${from.region} does not answer`,
      facts: { unheard: unheard.message },
    }
  const back = reverse === undefined ? 'no link leads back' : 'a link leads back'
  return { outcome: 'done', message: `${way}; ${back}` }
}

/** The pair as it is once a side that has missed a promotion knows of it; absent: somebody changed it meanwhile. */
const standDown = async (
  reading: PairReading,
  { effects }: StepContext,
  deadline: Deadline,
  { forward, reverse }: CoreDeps,
): Promise<PairReading | undefined> => {
  const own = stoodDown(reading.forward.status, reading.reverse?.status)
  if (own !== undefined) {
    if (effects && (await forward.pair.standDown(reading.forward.status, own, deadline)) === 'moved') return undefined
    return { ...reading, forward: { ...reading.forward, status: own } }
  }
  const other = reading.reverse && stoodDown(reading.reverse.status, reading.forward.status)
  if (other === undefined || reading.reverse === undefined || reverse === undefined) return reading
  if (effects && (await reverse.pair.standDown(reading.reverse.status, other, deadline)) === 'moved') return undefined
  return { ...reading, reverse: { ...reading.reverse, status: other } }
}
