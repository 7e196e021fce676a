import type { KeyedFrom } from './keyless-past.ts'
import { isQuiet, planMapping } from './mapping-plan.ts'
import { noteIf, type PlanNote } from './plan-note.ts'
import type { PlanFacts, TopicPlanPart, TopicView } from './topic-plan-facts.ts'
import { isSameRecord, type TopicRecord } from './topic-record.ts'
import type { TopicStep } from './topic-step.ts'

/**
 * Which life of a topic is replicated. `goes-on`: the one that the source has, once the heads of an earlier one are
 * closed. `restarts`: an earlier one still, until nothing consumes it. `stands`: none, until somebody acts.
 */
export type TopicLife =
  | { readonly kind: 'goes-on'; readonly earlierHeads: ReadonlyMap<number, string> }
  | { readonly kind: 'restarts'; readonly earlier: string }
  | { readonly kind: 'stands'; readonly because: 're-created' | 'renamed'; readonly detail: string }

/**
 * A new life begins only while nothing consumes the topic: a poller that runs on knows positions of the old one, and a
 * batch of the old one that is still under way must meet the head that refuses it.
 */
export const lifeOf = (facts: PlanFacts, view: TopicView): TopicLife => {
  const { record, source, heads } = view
  if (isRenamed(view)) return { kind: 'stands', because: 'renamed', detail: renamed(view) }
  const known = [...(record === undefined ? [] : [record.incarnation]), ...heads.values()]
  const earlier = known.find((incarnation) => incarnation !== source.incarnation)
  if (earlier !== undefined && facts.link.onRecreate === 'fault')
    return { kind: 'stands', because: 're-created', detail: RECREATED }
  const restarting = record?.restarting === true ? record.incarnation : undefined
  const waitsFor = earlier ?? restarting
  if (waitsFor !== undefined && !isQuiet(view.mappings)) return { kind: 'restarts', earlier: waitsFor }
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
  const held = planMapping(topic, 'held', madeBy, mappings)
  if (life.kind === 'stands') return { steps: held, notes: noteIf(true, 'fault', life.because, topic, life.detail) }
  const to = recordOf(view, life, facts.keyedFrom.get(topic))
  const change = record === undefined || !isSameRecord(record, to)
  if (life.kind === 'restarts')
    return { steps: [...ledgerStep(change, 'hold-back', view, to), ...held], notes: restarting(topic) }
  const wanted = facts.paused || to.paused ? 'paused' : 'on'
  return {
    steps: [
      ...closing(view, life.earlierHeads),
      ...ledgerStep(change, 'remember', view, to),
      ...planMapping(topic, wanted, madeBy, mappings),
    ],
    notes: withoutMapping(view),
  }
}

const recordOf = (
  { source, record, targetTopic }: TopicView,
  life: TopicLife,
  keyedFrom: KeyedFrom | undefined,
): TopicRecord => ({
  incarnation: life.kind === 'restarts' ? life.earlier : source.incarnation,
  targetTopic,
  paused: record?.paused ?? false,
  restarting: life.kind === 'restarts',
  ...(keyedFrom === undefined || life.kind === 'restarts' ? {} : { keyedFrom }),
})

const ledgerStep = (
  change: boolean,
  kind: 'hold-back' | 'remember',
  { topic, record }: TopicView,
  to: TopicRecord,
): readonly TopicStep[] => (change ? [{ kind, topic, from: record, to }] : [])

const closing = ({ topic, source }: TopicView, incarnations: ReadonlyMap<number, string>): readonly TopicStep[] =>
  incarnations.size === 0 ? [] : [{ kind: 'close-heads', topic, incarnations, next: source.incarnation }]

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
