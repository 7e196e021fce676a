import type { Link } from '../topology/topology.ts'
import { isMatched } from './name-pattern.ts'
import { belongsToCluster, isInternal } from './topic-name.ts'

export type TopicChoice = Pick<Link, 'topics' | 'patterns' | 'exclude'>

/** What a link says of a topic by its name alone: it names it, finds it by a pattern, or leaves it out for a reason. */
export type Inclusion = 'named' | 'found' | 'internal' | 'excluded' | 'not-included'

/** A topic that is named is wanted although it looks internal; one of the cluster's own never is. */
export const inclusionOf = ({ topics, patterns, exclude }: TopicChoice, topic: string): Inclusion => {
  if (belongsToCluster(topic)) return 'internal'
  if (topics.includes(topic)) return 'named'
  if (isInternal(topic)) return 'internal'
  if (!isMatched(topic, patterns)) return 'not-included'
  return isMatched(topic, exclude) ? 'excluded' : 'found'
}

export const includes = (choice: TopicChoice, topic: string): boolean => {
  const inclusion = inclusionOf(choice, topic)
  return inclusion === 'named' || inclusion === 'found'
}
