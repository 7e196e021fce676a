import { matches } from './name-pattern.ts'
import { noteIf, type PlanNote } from './plan-note.ts'
import type { ClusterTopics } from './topic-facts.ts'
import { includes } from './topic-inclusion.ts'
import type { PlanFacts, TopicView } from './topic-plan-facts.ts'
import type { SelectionVerdict } from './topic-selection.ts'

/** A login that lost its rights sees no topic; that is no reason to take all of them for deleted. */
export const nothingShown = ({ link, source, ledger }: PlanFacts): readonly PlanNote[] =>
  noteIf(
    source.described.topics.size + source.described.undescribed.size === 0 && ledger.size > 0,
    'warning',
    'source-shows-nothing',
    link.source.name,
    `the source shows no topic, and ${ledger.size} of it are known; may the link's login still describe them?`,
  )

export const mayExist = ({ topics, undescribed }: ClusterTopics, topic: string): boolean =>
  topics.has(topic) || undescribed.has(topic)

/** Nothing is done for them, since nothing is known of them; one that is left out anyway is not worth a word. */
export const undescribedSources = ({ link, source, ledger }: PlanFacts): readonly PlanNote[] =>
  [...source.described.undescribed].flatMap(([topic, { message }]) =>
    noteIf(
      ledger.has(topic) || includes(link, topic),
      'fault',
      'undescribed',
      topic,
      `on ${link.source.name}: ${message}`,
    ),
  )

export const undescribedTarget = (
  { link, target }: PlanFacts,
  { topic, targetTopic }: TopicView,
): readonly PlanNote[] => {
  const error = target.described.undescribed.get(targetTopic)
  return noteIf(
    error !== undefined,
    'fault',
    'undescribed',
    topic,
    `${targetTopic} on ${link.target.name}: ${error?.message}`,
  )
}

export const idlePatterns = (
  { link, source }: PlanFacts,
  verdicts: ReadonlyMap<string, SelectionVerdict>,
): readonly PlanNote[] => {
  const candidates = [...verdicts].filter(([, verdict]) => verdict.replicate || verdict.because !== 'internal')
  const found = [...candidates.map(([topic]) => topic), ...source.described.undescribed.keys()]
  return link.patterns.flatMap((pattern) =>
    noteIf(
      !found.some((topic) => matches(pattern, topic)),
      'warning',
      'pattern-without-topic',
      pattern,
      'no topic of the source matches it as a whole; is it spelt right, and may the login describe those topics?',
    ),
  )
}

/** Topics that the topology names, and that were never seen. */
export const missingTopics = ({ link, source, ledger }: PlanFacts): readonly PlanNote[] =>
  link.topics.flatMap((topic) =>
    noteIf(
      !mayExist(source.described, topic) && !ledger.has(topic),
      'warning',
      'named-topic-missing',
      topic,
      'the topology names it, and the source does not have it; is it spelt right, and may the login describe it?',
    ),
  )
