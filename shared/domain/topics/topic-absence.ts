import { planMapping } from './mapping-plan.ts'
import { noteIf, type PlanNote } from './plan-note.ts'
import { includes } from './topic-inclusion.ts'
import type { PlanFacts, TopicPlanPart } from './topic-plan-facts.ts'
import type { TopicRecord } from './topic-record.ts'
import type { TopicStep } from './topic-step.ts'

const DAY_MS = 86_400_000

/** A topic that is there, and was missing: should it go once more, its days begin anew. */
export const seenAgain = (topic: string, from: TopicRecord | undefined): readonly TopicStep[] => {
  if (from?.missingSince === undefined) return []
  const { missingSince: _, ...to } = from
  return [{ kind: 'remember', topic, from, to }]
}

/**
 * A topic that the ledger knows and the source has no more. Its replica goes only where the link says so, and late. The
 * first look only notes it: a broker that lags behind may not have heard of the topic, and a mapping takes minutes to make.
 */
export const planAbsent = (facts: PlanFacts, topic: string, record: TopicRecord): TopicPlanPart => {
  const mappings = facts.mappings.filter((mapping) => mapping.topic === topic)
  const missingSince = record.missingSince ?? facts.now
  const due = removalDue(facts, topic, record, missingSince)
  const to = { ...record, missingSince, ...(due !== undefined && due <= facts.now ? { removedAt: facts.now } : {}) }
  return {
    steps: [
      ...(record.missingSince === undefined ? [] : planMapping(topic, 'none', 'run-time', mappings)),
      ...removal(facts, topic, record, to.removedAt),
      ...(to.removedAt === record.removedAt && missingSince === record.missingSince
        ? []
        : ([{ kind: 'remember', topic, from: record, to }] as const)),
    ],
    notes: record.removedAt === undefined ? deleted(facts, topic, record, due) : [],
  }
}

/**
 * When the replica is to be removed; never while it cannot be seen or anything is paused, where the link takes no
 * notice of the topic any more, or where applications write to the replica as well.
 */
const removalDue = (
  { link, paused, target }: PlanFacts,
  topic: string,
  record: TopicRecord,
  missingSince: number,
): number | undefined => {
  const unclear = target.described.undescribed.has(record.targetTopic)
  const kept = unclear || paused || record.paused || link.provenance || !includes(link, topic)
  if (link.onSourceDelete === 'keep' || kept || record.removedAt !== undefined) return undefined
  return missingSince + link.onSourceDelete.deleteAfterDays * DAY_MS
}

const removal = (
  { target }: PlanFacts,
  topic: string,
  { targetTopic, removedAt: before }: TopicRecord,
  removedAt: number | undefined,
): readonly TopicStep[] =>
  removedAt === before || !target.described.topics.has(targetTopic) ? [] : [{ kind: 'remove', topic, targetTopic }]

const deleted = (
  { now }: PlanFacts,
  topic: string,
  { targetTopic }: TopicRecord,
  due: number | undefined,
): readonly PlanNote[] => {
  if (due === undefined)
    return noteIf(true, 'warning', 'source-deleted', topic, `the source has it no more; ${targetTopic} is kept`)
  const detail = `the source has it no more; ${targetTopic} is removed on the target on ${new Date(due).toISOString()}`
  return noteIf(due > now, 'pending', 'source-deleted', topic, detail)
}
