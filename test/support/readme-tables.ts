import { type Cost, type Load, monthlyCosts } from '../../shared/domain/costs.ts'
import { GROUP_METRICS, METRICS, TOPIC_METRICS } from '../../shared/domain/metrics.ts'
import { DEFAULTS } from '../../shared/domain/topology/topology-defaults.ts'
import { LIMITS } from '../../shared/domain/topology/topology-limits.ts'

const row = (cells: readonly (string | number | boolean)[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly (string | number | boolean)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

const PASS = { passMs: 1_000, memoryMiB: 512, logBytes: 600, stateReads: 0, stateWrites: 0 }

/** Ten of them, in the one topic; their records lie in few kilobytes. */
const READING_GROUPS = 10
const BYTES_OF_A_MOVE = 400

/** One topic at 1 MB/s of 1 KB records, 500 in a batch, read by groups that move all the time. */
const COSTED_LOAD: Load = {
  topics: 1,
  bytesPerSecond: 1_000_000,
  bytesPerInvocation: 500_000,
  partitionsPerInvocation: 1,
  invocationMs: 150,
  memoryMiB: DEFAULTS.memoryMiB.value,
  logBytesPerInvocation: 2_000,
  metricsPerTopic: Object.keys(METRICS).length,
  alarms: 12,
  passes: [
    { ...PASS, metrics: Object.keys(TOPIC_METRICS).length },
    {
      ...PASS,
      logBytes: PASS.logBytes + READING_GROUPS * BYTES_OF_A_MOVE,
      metrics: Object.keys(GROUP_METRICS).length,
      stateReads: 2, // of the head, and of the groups
      stateWrites: READING_GROUPS,
    },
  ],
  eventPollerUnits: 1,
}

const costRows = (costs: readonly Cost[]): string[][] =>
  costs.map(({ item, amount, unit, dollars }) => [
    item,
    Math.round(amount).toLocaleString('en-US'),
    unit,
    dollars.toFixed(2),
  ])

/** What the README says between `<!-- name -->` and `<!-- /name -->`, made from the tables that the code uses. */
export const README_TABLES: Readonly<Record<string, string>> = {
  defaults: table(
    ['setting', 'default', 'unit', 'because'],
    Object.entries(DEFAULTS).map(([name, { value, unit, because }]) => [`\`${name}\``, value, unit, because]),
  ),
  costs: table(['item', 'a month', 'unit', 'dollars'], costRows(monthlyCosts(COSTED_LOAD))),
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
