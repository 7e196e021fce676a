import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import type { EndedLives } from '../../domain/lag/ended-life.ts'
import type { LagLedger } from '../lag/lag-ports.ts'
import type { Deadline } from '../ports.ts'
import type { SeenTopics } from './survey-partitions.ts'

interface EndedSurvey {
  readonly ended: EndedLives
  readonly troubles: readonly ReplicationError[]
}

const NONE: EndedLives = new Map()

/** What of topics is over; asked only while there is a topic that went, or was made anew. Who cannot tell stops no topic. */
export const surveyEnded = async (
  { source, ledger }: Pick<SeenTopics, 'source' | 'ledger'>,
  deadline: Deadline,
  { lag }: { readonly lag: Pick<LagLedger, 'read'> },
): Promise<EndedSurvey> => {
  const isAsBegun = [...ledger].every(
    ([topic, { incarnation, earlier }]) =>
      earlier === undefined && source.topics.get(topic)?.incarnation === incarnation,
  )
  if (isAsBegun) return { ended: NONE, troubles: [] }
  try {
    return { ended: (await lag.read(deadline))?.ended ?? NONE, troubles: [] }
  } catch (error) {
    return { ended: NONE, troubles: [asReplicationError(error, 'reading what went with topics that are over')] }
  }
}
