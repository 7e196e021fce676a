import { type AnyStep, CLOSING_STEPS, FAILOVER_STEPS } from '../../shared/domain/failover/failover-step.ts'
import { DEFAULTS } from '../../shared/domain/topology/topology-defaults.ts'
import type { Report, Target } from '../bench-part.ts'
import { formatFigure, formatSpread, median, type Sample, sampleOf } from '../spread.ts'
import type { Table } from '../table.ts'
import { type AwaitedMs, awaitedMs, type FailoverRound, type PairSize } from './failover-round.ts'
import { PARTITIONS, RECORDS_OF_PARTITION, TOPICS_OF_GROUP } from './pair-business.ts'

/** All rounds of one size. */
export interface MeasuredSize extends PairSize {
  readonly rounds: readonly FailoverRound[]
}

/** The size of which the project promises something, and what. */
const PROMISED: PairSize = { topics: 100, groups: 100 }
const PROMISED_SECONDS = 30

const nameOf = ({ topics, groups }: PairSize): string => `${topics} topics, ${groups} groups`

const seconds = (rounds: readonly FailoverRound[], ms: (round: FailoverRound) => number): Sample =>
  sampleOf(rounds.map((round) => ms(round) / 1_000))

const busyMs = (round: FailoverRound): number => round.ownMs - awaitedMs(round)

const row = (what: string, sizes: readonly MeasuredSize[], ms: (round: FailoverRound) => number): readonly string[] => [
  what,
  ...sizes.map(({ rounds }) => formatSpread(seconds(rounds, ms))),
]

/** A drain waits for records, and a question for people. */
const shownSteps = (sizes: readonly MeasuredSize[]): readonly AnyStep[] =>
  [...FAILOVER_STEPS, ...CLOSING_STEPS].filter((step) =>
    sizes.some(({ rounds }) => rounds.some(({ steps }) => steps.has(step))),
  )

const stepsTable = (sizes: readonly MeasuredSize[]): Table => ({
  title: `Steps of a planned failover, s (${PARTITIONS} partitions a topic)`,
  columns: ['step', ...sizes.map(nameOf)],
  rows: shownSteps(sizes).flatMap((step) => stepRows(step, sizes)),
})

/** What a step waits for on purpose has a row of its own. */
const WAITS: Partial<Record<AnyStep, string>> = {
  prove: 'until the ends have stood still',
  stop: 'until the function has timed out',
}

const stepRows = (step: AnyStep, sizes: readonly MeasuredSize[]): readonly (readonly string[])[] => {
  const waits = WAITS[step]
  const lasting = ({ steps }: FailoverRound): number => steps.get(step) ?? 0
  if (waits === undefined) return [row(step, sizes, lasting)]
  const waiting = ({ awaited }: FailoverRound): number => awaited.get(step) ?? 0
  return [
    row(`${step}: ${waits}`, sizes, waiting),
    row(`${step}: the rest`, sizes, (round) => lasting(round) - waiting(round)),
  ]
}

const sharesTable = (sizes: readonly MeasuredSize[]): Table => ({
  title:
    'The machine’s own share until clients are pointed to the other cluster, s: without the drain, and without people',
  columns: ['share', ...sizes.map(nameOf)],
  rows: [
    row('all of it', sizes, ({ ownMs }) => ownMs),
    row('of that waits that the topology sets', sizes, awaitedMs),
    row('of that the rest', sizes, busyMs),
    row('of the rest between the steps', sizes, ({ betweenMs }) => betweenMs),
    [
      'positions of groups moved',
      ...sizes.map(({ rounds }) => formatSpread(sampleOf(rounds.map(({ moved }) => moved)))),
    ],
  ],
})

/** Each size against the smallest: everything, and what takes longer the more there is. */
const growthTable = (sizes: readonly MeasuredSize[]): Table => {
  const [smallest] = sizes
  const times = (size: MeasuredSize, ms: (round: FailoverRound) => number): string => {
    const least = smallest === undefined ? 0 : median(seconds(smallest.rounds, ms))
    return least === 0 ? '–' : formatFigure(median(seconds(size.rounds, ms)) / least)
  }
  return {
    title: 'How it grows: times of the smallest',
    columns: ['size', 'partitions', 'all of it', 'without waits', 'preflight', 'groups', 'boundary', 'reverse'],
    rows: sizes.map((size) => [
      nameOf(size),
      formatFigure(size.topics * PARTITIONS).replace(/\.0+$/, ''),
      times(size, ({ ownMs }) => ownMs),
      times(size, busyMs),
      ...(['preflight', 'groups', 'boundary', 'reverse'] as const).map((step) =>
        times(size, ({ steps }) => steps.get(step) ?? 0),
      ),
    ]),
  }
}

const targetsOf = (sizes: readonly MeasuredSize[]): readonly Target[] =>
  sizes
    .filter(({ topics, groups }) => topics === PROMISED.topics && groups === PROMISED.groups)
    .map((size) => {
      const measured = seconds(size.rounds, ({ ownMs }) => ownMs)
      return {
        what: `s of the machine’s own, ${nameOf(size)}`,
        wanted: `at most ${PROMISED_SECONDS}`,
        measured: formatSpread(measured),
        held: Math.max(...measured) <= PROMISED_SECONDS,
      }
    })

const DEFAULT_TIMEOUT_SECONDS = DEFAULTS.functionTimeoutMs.value / 1_000

export const reportFailover = (sizes: readonly MeasuredSize[], { stillMs, functionTimeoutMs }: AwaitedMs): Report => ({
  tables: [stepsTable(sizes), sharesTable(sizes), growthTable(sizes)],
  targets: targetsOf(sizes),
  notes: [
    'the local world: one broker a cluster, the deployed state machine and functions in ministack, its Step Functions, DynamoDB, SSM and S3; pollers, brokers and all of AWS share the cores of this machine',
    `of the waits, \`stop\` has the timeout of the replicate function, ${functionTimeoutMs / 1_000} s here and ${DEFAULT_TIMEOUT_SECONDS} s by default: with the default all of it is ${DEFAULT_TIMEOUT_SECONDS - functionTimeoutMs / 1_000} s more; \`prove\` has \`stillMs\`, ${stillMs / 1_000} s as by default`,
    `each group reads ${TOPICS_OF_GROUP} topics and has committed anew in all of their partitions before each failover; every partition has ${RECORDS_OF_PARTITION} records, which were replicated before`,
    'clients are pointed by an SSM parameter in both regions, which also is the fence; nobody has to approve. Rounds go there and back on one world',
    'pollers are disabled and enabled at the ten requests a second that are ours of Lambda’s fifteen: 100 take ten seconds of `stop`, beside the timeout, and as long in `reverse`. On AWS one takes up to 90 s more until it is disabled, which `stop` waits for too; here less than a second',
    'most of `groups` is one conditional write for each group and topic into the DynamoDB of ministack, which is one process; what came of a scheduled pass meanwhile is not among the positions that were moved',
  ],
})
