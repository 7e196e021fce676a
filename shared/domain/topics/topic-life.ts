import { consumerGroup } from '../link-names.ts'
import type { KeyedFrom } from './keyless-past.ts'
import { isQuiet, planMapping } from './mapping-plan.ts'
import { noteIf, type PlanNote } from './plan-note.ts'
import { seenAgain } from './topic-absence.ts'
import type { PlanFacts, PlannedLink, TopicPlanPart, TopicView } from './topic-plan-facts.ts'
import { isSameRecord, type TopicRecord } from './topic-record.ts'
import type { TopicStep } from './topic-step.ts'

/**
 * Which life of a topic is replicated. `goes-on`: the one that the source has, once the heads of an earlier one are
 * closed. `restarts`: an earlier one still, until nothing consumes it and the new one was seen twice. `lags`: nobody
 * knows, since the broker that answered shows a life that is over. `stands`: none, until somebody acts.
 */
export type TopicLife =
  | { readonly kind: 'goes-on'; readonly earlierHeads: ReadonlyMap<number, string> }
  | { readonly kind: 'restarts'; readonly earlier: string }
  | { readonly kind: 'lags' }
  | { readonly kind: 'stands'; readonly because: 're-created' | 'renamed'; readonly detail: string }

/**
 * A new life begins only while nothing consumes the topic: a poller that runs on knows positions of the old one, and a
 * batch of the old one that is still under way must meet the head that refuses it.
 *
 * Ids of topics have no order, and a broker that lags behind shows an earlier life as if it were a new one. To begin that
 * would close the true one and copy it a second time. Hence two rules. A life that was left never begins again: who shows
 * the one before ours lags. And no single look begins a life: what is left is a life that nobody here ever followed, shown
 * by a broker that has missed two creations, and shown in two passes. The other way round nothing is at stake: while the
 * earlier life is still shown, batches of the new one are refused and kept.
 */
export const lifeOf = (facts: PlanFacts, view: TopicView): TopicLife => {
  const { record, source, heads } = view
  if (record?.earlier === source.incarnation) return { kind: 'lags' }
  if (isRenamed(view)) return { kind: 'stands', because: 'renamed', detail: renamed(view) }
  const known = [...(record === undefined ? [] : [record.incarnation]), ...heads.values()]
  const earlier = known.find((incarnation) => incarnation !== source.incarnation)
  if (earlier !== undefined && facts.link.onRecreate === 'fault')
    return { kind: 'stands', because: 're-created', detail: RECREATED }
  const restarting = record?.restarting === true ? record.incarnation : undefined
  const waitsFor = earlier ?? restarting
  const seenOnce = earlier !== undefined && record?.next !== source.incarnation
  if (waitsFor !== undefined && (seenOnce || !isQuiet(view.mappings))) return { kind: 'restarts', earlier: waitsFor }
  const earlierHeads = new Map([...heads].filter(([, incarnation]) => incarnation !== source.incarnation))
  return { kind: 'goes-on', earlierHeads }
}

const RECREATED =
  "it was deleted and made again on the source, and the link's onRecreate is fault; look whether its replica may get the new records, and set append"

/** The positions of the life that is replicated belong to another target topic. */
const isRenamed = ({ record, targetTopic, heads, source }: TopicView): boolean =>
  record !== undefined && record.targetTopic !== targetTopic && [...heads.values()].includes(source.incarnation)

const renamed = ({ record, targetTopic }: TopicView): string =>
  `it is replicated to ${record?.targetTopic}, and would now be called ${targetTopic} there: its positions would not fit; give the link its naming back, or make another link`

/** What the ledger says, the mapping, and the heads. */
export const planLife = (facts: PlanFacts, view: TopicView, life: TopicLife): TopicPlanPart => {
  const { topic, madeBy, mappings, record } = view
  if (life.kind === 'lags') return { steps: [], notes: lagging(topic) }
  const held = planMapping(topic, 'held', madeBy, mappings)
  if (life.kind === 'stands')
    return {
      steps: [...seenAgain(topic, record), ...held],
      notes: noteIf(true, 'fault', life.because, topic, life.detail),
    }
  const to = recordOf(view, life, facts.keyedFrom.get(topic))
  const change = record === undefined || !isSameRecord(record, to)
  if (life.kind === 'restarts')
    return { steps: [...ledgerStep(change, 'hold-back', view, to), ...held], notes: restarting(topic) }
  const wanted = facts.paused || to.paused ? 'paused' : 'on'
  return {
    steps: [
      ...rewinding(facts.link, view, life.earlierHeads),
      ...closing(view, life.earlierHeads),
      ...ledgerStep(change, 'remember', view, to),
      ...planMapping(topic, wanted, madeBy, mappings),
    ],
    notes: withoutMapping(view),
  }
}

const recordOf = (
  { source, record, targetTopic }: TopicView,
  life: Extract<TopicLife, { kind: 'restarts' | 'goes-on' }>,
  keyedFrom: KeyedFrom | undefined,
): TopicRecord => {
  const known = { targetTopic, paused: record?.paused ?? false }
  const { incarnation } = source
  const isAnother = record !== undefined && record.incarnation !== incarnation
  const earlier = life.kind === 'goes-on' && isAnother ? record.incarnation : record?.earlier
  const behind = earlier === undefined ? {} : { earlier }
  if (life.kind === 'restarts')
    return { ...known, ...behind, incarnation: life.earlier, restarting: true, next: incarnation }
  return { ...known, ...behind, incarnation, restarting: false, ...(keyedFrom !== undefined && { keyedFrom }) }
}

const ledgerStep = (
  change: boolean,
  kind: 'hold-back' | 'remember',
  { topic, record }: TopicView,
  to: TopicRecord,
): readonly TopicStep[] => (change ? [{ kind, topic, from: record, to }] : [])

/**
 * Kafka forgets the positions of a group along with a topic, but a batch that was under way is committed after that, under
 * the same name: the poller would begin the new life there, and what lies before it would be taken for a hole.
 */
const rewinding = (
  link: PlannedLink,
  { topic, source }: TopicView,
  incarnations: ReadonlyMap<number, string>,
): readonly TopicStep[] => {
  const partitions = [...incarnations.keys()].filter((partition) => partition < source.partitions)
  return partitions.length === 0 ? [] : [{ kind: 'rewind-group', topic, group: consumerGroup(link, topic), partitions }]
}

const closing = ({ topic, source }: TopicView, incarnations: ReadonlyMap<number, string>): readonly TopicStep[] =>
  incarnations.size === 0 ? [] : [{ kind: 'close-heads', topic, incarnations, next: source.incarnation }]

const lagging = (topic: string): readonly PlanNote[] =>
  noteIf(
    true,
    'pending',
    'source-lags',
    topic,
    'a broker of the source still shows its life before the last, so nothing is done about it now',
  )

const restarting = (topic: string): readonly PlanNote[] =>
  noteIf(
    true,
    'pending',
    'restarting',
    topic,
    'it is a new topic on the source, and begins anew once its mapping is off',
  )

const withoutMapping = ({ topic, madeBy, mappings }: TopicView): readonly PlanNote[] =>
  noteIf(
    madeBy === 'stack' && !mappings.some((mapping) => mapping.madeBy === 'stack'),
    'warning',
    'mapping-missing',
    topic,
    'the topology names it, and its mapping is not there; was the stack of the link deployed since?',
  )
