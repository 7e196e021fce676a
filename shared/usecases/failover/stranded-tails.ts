import { type KeptTail, TailPieces } from '../../domain/failover/exported-tail.ts'
import type { GivenUp } from '../../domain/failover/given-up.ts'
import { isStranded, type TailFigures, type TailPart, tailFigures } from '../../domain/failover/stranded-tail.ts'
import type { Deadline } from '../ports.ts'
import type { TailDesk } from './tail-ports.ts'

/** What a failover has stranded, and how much of it is kept. */
export interface StrandedTail {
  readonly execution: string
  /** For people, as in `s3://bucket/tails/<execution>`. */
  readonly place: string
  /** That its cluster is emptied, or all that it owes. */
  readonly givenUp?: GivenUp
  /** By name. */
  readonly topics: readonly TopicTail[]
}

export interface TopicTail extends TailFigures {
  readonly topic: string
  readonly kept: KeptTail
}

/** All tails that failovers along a link have left; reads names of pieces, and none of them. */
export const strandedTails = async (
  deadline: Deadline,
  desk: Pick<TailDesk, 'history' | 'store'> & { readonly debts: Pick<TailDesk['debts'], 'givenUp'> },
): Promise<readonly StrandedTail[]> => {
  const executions = new Map(
    [...(await desk.history.executions(deadline))]
      .map(([execution, parts]) => [execution, parts.filter(isStranded)] as const)
      .filter(([, parts]) => parts.length > 0),
  )
  if (executions.size === 0) return []
  const store = await desk.store(deadline)
  const tails: StrandedTail[] = []
  for (const [execution, parts] of [...executions].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const pieces = new TailPieces(parts)
    for await (const object of store.objects(execution, deadline)) pieces.add(object)
    const givenUp = await desk.debts.givenUp(execution, deadline)
    const topics = topicsOf(parts, pieces)
    tails.push({ execution, place: store.place(execution), ...(givenUp && { givenUp }), topics })
  }
  return tails
}

const topicsOf = (parts: readonly TailPart[], pieces: TailPieces): readonly TopicTail[] =>
  [...Map.groupBy(parts, ({ topic }) => topic)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([topic, ofTopic]) => ({ topic, ...tailFigures(ofTopic), kept: pieces.keptOf(ofTopic) }))
