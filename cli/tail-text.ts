import type { KeptTail } from '../shared/domain/failover/exported-tail.ts'
import type { GivenUp, GivenUpScope } from '../shared/domain/failover/given-up.ts'
import { countText, timeText } from '../shared/domain/failover/report-text.ts'
import type { StrandedTail, TopicTail } from '../shared/usecases/failover/stranded-tails.ts'
import { table } from './terminal.ts'

/** What was stranded on one cluster of a pair. */
export interface ListedTail extends StrandedTail {
  readonly from: string
  readonly to: string
}

const KEPT: Readonly<Record<KeptTail, string>> = {
  whole: 'all of it',
  'going-on': 'not all of it yet',
  incomplete: 'pieces are missing',
  nothing: 'nothing: merged, discarded or removed',
}

/** All that failovers of the pair have stranded, and how to read it. */
export const describeTails = (pair: string, tails: readonly ListedTail[]): string => {
  if (tails.length === 0) return `no failover of ${pair} has stranded a record, as far as it is known yet`
  const rows = tails.flatMap(({ execution, from, topics }) =>
    topics.map((topic, at) => [at === 0 ? execution : '', at === 0 ? from : '', ...figuresOf(topic)]),
  )
  const readable = tails.filter(({ topics }) => topics.some(({ kept }) => kept !== 'nothing'))
  const commands = readable.flatMap(({ execution, place }) => [
    `  npx twinshore tail ${pair} ${execution}`,
    `    prints the records that are kept in ${place}`,
  ])
  return [
    table([['execution', 'left on', 'topic', 'partitions', 'records', 'bytes', 'expired', 'kept'], ...rows]),
    ...(commands.length === 0 ? [] : ['', ...commands]),
    ...tails.flatMap(({ execution, givenUp }) => givenUp.flatMap((one) => ['', givenUpText(execution, one)])),
  ].join('\n')
}

const WHAT: Readonly<Record<GivenUpScope, string>> = { scrape: 'that its cluster is emptied', all: 'all that it owed' }

export const givenUpText = (execution: string, { what, by, reason, at }: GivenUp): string =>
  `${execution}: given up by ${by}, ${timeText(at)}, ${WHAT[what]}: ${reason}`

const figuresOf = ({ topic, partitions, records, bytes, gone, kept }: TopicTail): readonly string[] => [
  topic,
  ...[partitions, Number(records), Number(bytes), Number(gone)].map(countText),
  KEPT[kept],
]
