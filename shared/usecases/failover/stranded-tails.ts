import { type KeptTail, TailPieces } from '../../domain/failover/exported-tail.ts'
import type { GivenUp, GivenUpScope } from '../../domain/failover/given-up.ts'
import { isStranded, type TailFigures, type TailPart, tailFigures } from '../../domain/failover/stranded-tail.ts'
import type { Deadline } from '../ports.ts'
import type { TailDesk } from './tail-ports.ts'

/** What a failover has stranded, and how much of it is kept. */
export interface StrandedTail {
  readonly execution: string
  /** For people, as in `s3://bucket/tails/<execution>`. */
  readonly place: string
  readonly givenUp: readonly GivenUp[]
  /** By name. */
  readonly topics: readonly TopicTail[]
}

export interface TopicTail extends TailFigures {
  readonly topic: string
  readonly kept: KeptTail
}

interface TailsDesk extends Pick<TailDesk, 'history' | 'store'> {
  readonly debts: Pick<TailDesk['debts'], 'givenUp'>
}

/** All tails that failovers along a link have left, and what was given up of them; reads names of pieces, and none of them. */
export const strandedTails = async (deadline: Deadline, desk: TailsDesk): Promise<readonly StrandedTail[]> => {
  const executions = [...(await desk.history.executions(deadline))].sort(([one], [other]) => (one < other ? -1 : 1))
  const tails: StrandedTail[] = []
  for (const [execution, parts] of executions) {
    const givenUp = await decisionsOf(execution, deadline, desk)
    const stranded = parts.filter(isStranded)
    if (stranded.length === 0 && givenUp.length === 0) continue
    const store = await desk.store(deadline)
    const pieces = new TailPieces(stranded)
    for await (const object of store.objects(execution, deadline)) pieces.add(object)
    tails.push({ execution, place: store.place(execution), givenUp, topics: topicsOf(stranded, pieces) })
  }
  return tails
}

const SCOPES: readonly GivenUpScope[] = ['scrape', 'all']

const decisionsOf = async (
  execution: string,
  deadline: Deadline,
  { debts }: Pick<TailsDesk, 'debts'>,
): Promise<readonly GivenUp[]> => {
  const decisions = await Promise.all(SCOPES.map((what) => debts.givenUp(execution, what, deadline)))
  return decisions.filter((decision) => decision !== undefined)
}

const topicsOf = (parts: readonly TailPart[], pieces: TailPieces): readonly TopicTail[] =>
  [...Map.groupBy(parts, ({ topic }) => topic)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([topic, ofTopic]) => ({ topic, ...tailFigures(ofTopic), kept: pieces.keptOf(ofTopic) }))
