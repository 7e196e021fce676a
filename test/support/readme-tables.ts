import { type Cost, type Load, monthlyCosts } from '../../shared/domain/costs.ts'
import { METRICS, TOPIC_METRICS } from '../../shared/domain/metrics.ts'
import { DEFAULTS } from '../../shared/domain/topology/topology-defaults.ts'
import { LIMITS } from '../../shared/domain/topology/topology-limits.ts'

const row = (cells: readonly (string | number | boolean)[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly (string | number | boolean)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

/** One topic at 1 MB/s of 1 KB records, 500 in a batch. */
const COSTED_LOAD: Load = {
  topics: 1,
  bytesPerSecond: 1_000_000,
  bytesPerInvocation: 500_000,
  partitionsPerInvocation: 1,
  invocationMs: 150,
  memoryMiB: DEFAULTS.memoryMiB.value,
  logBytesPerInvocation: 2_000,
  metricsPerTopic: Object.keys(METRICS).length,
  alarms: 9,
  pass: { passMs: 1_000, memoryMiB: 512, logBytes: 600, metrics: Object.keys(TOPIC_METRICS).length },
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
