import { dueTails } from '../lag/ended-life.ts'
import type { PlanFacts } from './topic-plan-facts.ts'
import { mayExist } from './topic-shortage.ts'
import type { TopicStep } from './topic-step.ts'

/**
 * What went with topics that were deleted, or made anew, before it was replicated is written down once: when nobody has seen
 * that life for longer than a function runs, and the source says now that it has no such topic, or has another life of it.
 */
export const planLostTails = ({ source: { described }, ended, now }: PlanFacts): readonly TopicStep[] => {
  const isOver = ({ topic, incarnation }: { readonly topic: string; readonly incarnation: string }): boolean => {
    const living = described.topics.get(topic)
    return living === undefined ? !mayExist(described, topic) : living.incarnation !== incarnation
  }
  const due = dueTails(ended, now).filter(isOver)
  return [...Map.groupBy(due, ({ topic }) => topic)].map(([topic, lives]) => ({ kind: 'record-lost', topic, lives }))
}
