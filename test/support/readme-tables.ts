import { type Cost, type Load, monthlyCosts, type PassLoad } from '../../shared/domain/costs.ts'
import { clientPointer } from '../../shared/domain/failover/client-pointer.ts'
import type { FailoverCluster } from '../../shared/domain/failover/failover-order.ts'
import {
  GROUP_METRICS,
  HEARTBEAT_METRICS,
  LAG_METRICS,
  METRICS,
  METRICS_BY_TOPIC,
  RACK_METRICS,
  TOPIC_METRICS,
  VERIFY_METRICS,
} from '../../shared/domain/metrics.ts'
import { DEFAULTS } from '../../shared/domain/topology/topology-defaults.ts'
import { LIMITS } from '../../shared/domain/topology/topology-limits.ts'
import type { UserAnswer, UserRequest } from '../../shared/usecases/failover/fence-ports.ts'

const row = (cells: readonly (string | number | boolean)[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly (string | number | boolean)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

const PASS = {
  ...{ everyMinutes: 1, passMs: 1_000, memoryMiB: 512, logBytes: 600 },
  ...{ metricsPerTopic: 0, stateReads: 0, stateWrites: 0, brings: 0 },
}

/** Ten of them; their records lie in few kilobytes. */
const READING_GROUPS = 10
const BYTES_OF_A_MOVE = 400

const TOPICS: PassLoad = { ...PASS, metrics: Object.keys(TOPIC_METRICS).length }

const GROUPS: PassLoad = {
  ...PASS,
  logBytes: PASS.logBytes + READING_GROUPS * BYTES_OF_A_MOVE,
  metrics: Object.keys(GROUP_METRICS).length,
  stateReads: 2, // of the head, and of the groups
  stateWrites: READING_GROUPS,
}

const VERIFICATION: PassLoad = {
  ...{ ...PASS, everyMinutes: 60, passMs: 20_000, stateReads: 100 },
  metrics: Object.keys(VERIFY_METRICS).length,
}

const SAMPLES_A_MINUTE = 6

/** Rates are told of the busiest topics only. */
const MOST_RATES = 20

const busyOf = (topics: number): number => Math.min(MOST_RATES, topics)

/** Takes samples nearly all the time: a head for each partition, its gaps once a minute, and what is remembered in 200 bytes each. */
const lagOf = (topics: number): PassLoad => ({
  ...{ ...PASS, passMs: 55_000 },
  metrics: Object.keys(LAG_METRICS).length + 2 * Object.keys(RACK_METRICS).length + busyOf(topics), // racks of both sides
  metricsPerTopic: 2, // LagSeconds and LagRecords
  logBytes: SAMPLES_A_MINUTE * 1_050 + (topics + busyOf(topics)) * 350 + 600,
  stateReads: SAMPLES_A_MINUTE * (topics + 1) + topics, // of heads and of the last beat; of gaps
  stateWrites: SAMPLES_A_MINUTE * Math.ceil((topics * 200) / 1_024),
})

/**
 * Beats all the time, on the source; the window of the link says in how many batches they come. Each beat is remembered, and the
 * lease renewed every eight seconds.
 */
const beatsIn = (windowSeconds: number): PassLoad => ({
  ...{ ...PASS, passMs: 60_000, memoryMiB: 256, stateReads: 2, stateWrites: 68 },
  metrics: Object.keys(HEARTBEAT_METRICS).length,
  brings: 60 / windowSeconds,
})

/** What the alarms of a link of a pair look at, when the topology says nothing about them. */
export const ALARM_METRICS = 34

interface Batches {
  readonly windowSeconds: number
  readonly bytesPerInvocation: number
  readonly invocationMs: number
}

/** Topics of one partition at 1 MB/s together, in records of 1 KB, read by groups that move all the time. */
const loadOf = (topics: number, { windowSeconds, bytesPerInvocation, invocationMs }: Batches): Load => ({
  topics,
  bytesPerSecond: 1_000_000,
  bytesPerInvocation,
  partitionsPerInvocation: 1,
  invocationMs,
  memoryMiB: DEFAULTS.memoryMiB.value,
  logBytesPerInvocation: 2_000,
  metrics: Object.keys(METRICS).length,
  metricsPerTopic: METRICS_BY_TOPIC.length,
  alarms: ALARM_METRICS,
  compositeAlarms: 1,
  dashboards: 1,
  keys: 1,
  passes: [TOPICS, GROUPS, VERIFICATION, lagOf(topics), beatsIn(windowSeconds)],
  eventPollerUnits: 1,
})

/** Batches of 500 KB from one topic; fifty topics of 20 KB/s each with a window of ten seconds. */
const [ONE, FIFTY] = [
  loadOf(1, { windowSeconds: 1, bytesPerInvocation: 500_000, invocationMs: 150 }),
  loadOf(50, { windowSeconds: 10, bytesPerInvocation: 200_000, invocationMs: 100 }),
].map(monthlyCosts)

const costRows = (ones: readonly Cost[] = [], others: readonly Cost[] = []): string[][] =>
  ones.map((one, row) => [one.item, one.unit, ...[one, others[row]].flatMap(amountAndDollars)])

const amountAndDollars = (cost: Cost | undefined): string[] =>
  cost === undefined ? [] : [Math.round(cost.amount).toLocaleString('en-US'), cost.dollars.toFixed(2)]

const sumOf = (costs: readonly Cost[] = []): string => costs.reduce((sum, { dollars }) => sum + dollars, 0).toFixed(2)

const FAILOVER = { pair: 'orders', epoch: 3, execution: 'failover-20260503T100000Z-1a2b3c4d' }
const CLUSTER: Pick<FailoverCluster, 'cluster' | 'access'> = {
  cluster: 'euc1',
  access: { cluster: 'euc1', tls: true, login: { kind: 'none' }, bootstrapServers: ['b-1.euc1.example.org:9098'] },
}
const STARTED_AT = Date.UTC(2026, 4, 3, 10)
const REQUEST: UserRequest = { action: 'fence', from: 'use2', to: 'euc1', ...FAILOVER }
const ANSWER: UserAnswer = { done: true, detail: 'shop, billing may not write to use2 any more' }

const json = (...values: readonly unknown[]): string =>
  ['```json', ...values.map((value) => JSON.stringify(value)), '```'].join('\n')

/** What the README says between `<!-- name -->` and `<!-- /name -->`, made from the tables that the code uses. */
export const README_TABLES: Readonly<Record<string, string>> = {
  pointer: json(clientPointer({ ...FAILOVER, startedAt: STARTED_AT }, CLUSTER, true)),
  hook: json(REQUEST, ANSWER),
  defaults: table(
    ['setting', 'default', 'unit', 'because'],
    Object.entries(DEFAULTS).map(([name, { value, unit, because }]) => [`\`${name}\``, value, unit, because]),
  ),
  costs: table(
    ['item', 'unit', 'one topic', 'dollars', '50 topics', 'dollars'],
    [...costRows(ONE, FIFTY), ['together', '', '', sumOf(ONE), '', sumOf(FIFTY)]],
  ),
  limits: table(
    ['limit', 'from', 'to', 'unit', 'because'],
    Object.entries(LIMITS).map(([name, limit]) => [
      name,
      'min' in limit ? limit.min : '',
      limit.max,
      limit.unit,
      limit.because,
    ]),
  ),
}
