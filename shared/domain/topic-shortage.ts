import { matches } from './name-pattern.ts'
import { noteIf, type PlanNote } from './plan-note.ts'
import type { PlanFacts } from './topic-plan-facts.ts'
import type { TopicVerdict } from './topic-selection.ts'

/** A login that lost its rights sees no topic; that is no reason to take all of them for deleted. */
export const nothingShown = ({ link, source, ledger }: PlanFacts): readonly PlanNote[] =>
  noteIf(
    source.described.topics.size === 0 && ledger.size > 0,
    'warning',
    'source-shows-nothing',
    link.source.name,
    `the source shows no topic, and ${ledger.size} of it are known; may the link's login still describe them?`,
  )

export const idlePatterns = ({ link }: PlanFacts, verdicts: ReadonlyMap<string, TopicVerdict>): readonly PlanNote[] => {
  const found = [...verdicts]
    .filter(([, verdict]) => verdict.replicate || verdict.because !== 'internal')
    .map(([topic]) => topic)
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
      !source.described.topics.has(topic) && !ledger.has(topic),
      'warning',
      'named-topic-missing',
      topic,
      'the topology names it, and the source does not have it; is it spelt right, and may the login describe it?',
    ),
  )
