import type { MissingData } from './alarm-verdict.ts'

export interface Source {
  readonly Namespace: string
  readonly MetricName: string
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[]
}

export interface Query {
  readonly Id: string
  readonly Label?: string
  readonly ReturnData?: boolean
  readonly Expression?: string
  readonly MetricStat?: {
    readonly Metric: Source
    readonly Period: number
    readonly Stat: string
    readonly Unit?: string
  }
}

export interface AlarmProperties extends Partial<Source> {
  readonly AlarmName?: string
  readonly Statistic?: string
  readonly ExtendedStatistic?: string
  readonly Unit?: string
  readonly Period?: number
  readonly Metrics?: readonly Query[]
  readonly EvaluationPeriods: number
  readonly DatapointsToAlarm?: number
  readonly Threshold: number
  readonly ComparisonOperator: string
  readonly TreatMissingData?: MissingData
}

/** What decides when an alarm goes off. */
const DECIDING: readonly (keyof AlarmProperties | 'AlarmRule')[] = [
  'Namespace',
  'MetricName',
  'Dimensions',
  'Statistic',
  'ExtendedStatistic',
  'Unit',
  'Period',
  'Metrics',
  'EvaluationPeriods',
  'DatapointsToAlarm',
  'Threshold',
  'ComparisonOperator',
  'TreatMissingData',
  'AlarmRule',
]

/** What an alarm is called and whom it tells. The suppressor of a composite alarm holds back its actions, not its state. */
const TELLING: readonly string[] = [
  'AlarmName',
  'AlarmDescription',
  'ActionsEnabled',
  'AlarmActions',
  'OKActions',
  'InsufficientDataActions',
  'ActionsSuppressor',
  'ActionsSuppressorWaitPeriod',
  'ActionsSuppressorExtensionPeriod',
  'Tags',
]

const KNOWN: ReadonlySet<string> = new Set([...DECIDING, ...TELLING])

/** A property that is not known may decide when the alarm goes off: it is refused rather than passed over. */
export const refuseUnknown = (name: string, properties: object): void => {
  const strange = Object.keys(properties).find((key) => !KNOWN.has(key))
  if (strange !== undefined) throw new Error(`reading the alarm ${name}: ${strange} is not supported`)
}
