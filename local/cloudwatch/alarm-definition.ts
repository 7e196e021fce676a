import type { Template } from '../aws/assembly.ts'
import { type AlarmProperties, type Query, refuseUnknown } from './alarm-properties.ts'
import { type AlarmRule, parseAlarmRule } from './alarm-rule.ts'
import type { MissingData, Patience } from './alarm-verdict.ts'
import { callsIn, type MathExpression, parseMath } from './math-syntax.ts'
import type { Metric } from './metric.ts'
import type { MetricQuery } from './metric-query.ts'
import type { MetricStat } from './metric-store.ts'
import { resolved } from './template-values.ts'

export interface MetricAlarm extends Patience {
  readonly kind: 'metric'
  readonly name: string
  readonly queries: readonly MetricQuery[]
  /** The query that is compared with the threshold. */
  readonly watched: string
  readonly periodMs: number
  readonly threshold: number
  readonly isBreaching: (value: number, threshold: number) => boolean
}

export interface CompositeAlarm {
  readonly kind: 'composite'
  readonly name: string
  readonly rule: AlarmRule
}

export type AlarmDefinition = MetricAlarm | CompositeAlarm

/** Every metric that an alarm looks at; none for one that looks at other alarms. */
export const metricsWatched = (alarm: AlarmDefinition): readonly Metric[] =>
  alarm.kind === 'composite'
    ? []
    : alarm.queries.flatMap((query) => (query.kind === 'metric' ? [query.stat.metric] : []))

const COMPARISONS: Readonly<Record<string, MetricAlarm['isBreaching']>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
}

/** The alarms of a synthesised template. Throws on what cannot be evaluated here, with the name of the alarm. */
export const alarmsIn = (template: Template): readonly AlarmDefinition[] =>
  Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]): AlarmDefinition[] => {
    if (Type !== 'AWS::CloudWatch::Alarm' && Type !== 'AWS::CloudWatch::CompositeAlarm') return []
    const properties = resolved(Properties, template) as Record<string, unknown>
    const name = String(properties['AlarmName'] ?? id)
    refuseUnknown(name, properties)
    if (Type === 'AWS::CloudWatch::CompositeAlarm')
      return [{ kind: 'composite', name, rule: parseAlarmRule(String(properties['AlarmRule'])) }]
    return [metricAlarm(name, properties as unknown as AlarmProperties)]
  })

/** As many as the expression of an alarm may rest on ("Alarms on math expressions" of the CloudWatch User Guide). */
const MOST_METRICS = 10

const metricAlarm = (name: string, properties: AlarmProperties): MetricAlarm => {
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Threshold, ComparisonOperator } = properties
  const asked = properties.Metrics ?? [singleMetric(name, properties)]
  const isBreaching = COMPARISONS[ComparisonOperator]
  if (isBreaching === undefined) throw new Error(`reading the alarm ${name}: ${ComparisonOperator} is not supported`)
  if (asked.filter(({ MetricStat }) => MetricStat !== undefined).length > MOST_METRICS)
    throw new Error(`reading the alarm ${name}: it has more than ${MOST_METRICS} metrics`)
  return {
    kind: 'metric',
    name,
    queries: asked.map((query) => queryOf(name, query)),
    watched: watchedOf(name, asked),
    periodMs: periodOf(name, asked, EvaluationPeriods),
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: DatapointsToAlarm,
    threshold: Threshold,
    isBreaching,
    treatMissingData: missingData(name, properties, asked),
  }
}

const watchedOf = (name: string, asked: readonly Query[]): string => {
  const watched = asked.filter(({ ReturnData }) => ReturnData ?? true)
  const [only] = watched
  if (only === undefined || watched.length > 1)
    throw new Error(`reading the alarm ${name}: ${watched.length} of its metrics return data, and one must`)
  return only.Id
}

/** The same query that an alarm of one metric would have in its list of metrics. */
const singleMetric = (name: string, properties: AlarmProperties): Query => {
  const { Namespace, MetricName, Dimensions = [], Statistic, ExtendedStatistic, Unit, Period } = properties
  const stat = Statistic ?? ExtendedStatistic
  if (Namespace === undefined || MetricName === undefined || stat === undefined || Period === undefined)
    throw new Error(`reading the alarm ${name}: it lacks a metric, a statistic or a period`)
  const metric = { Namespace, MetricName, Dimensions }
  return { Id: 'm1', MetricStat: { Metric: metric, Period, Stat: stat, ...(Unit !== undefined && { Unit }) } }
}

const queryOf = (name: string, { Id: id, Label: label = id, Expression, MetricStat }: Query): MetricQuery => {
  if (Expression !== undefined) return { kind: 'expression', id, label, expression: watchable(name, Expression) }
  if (MetricStat === undefined)
    throw new Error(`reading the alarm ${name}: ${id} is neither an expression nor a metric`)
  return { kind: 'metric', id, label, stat: statOf(MetricStat) }
}

/** A search may find several series, and an alarm watches one: CloudWatch does not make such an alarm. */
const watchable = (name: string, source: string): MathExpression => {
  const expression = parseMath(source)
  if (callsIn(expression).some((call) => call.name === 'SEARCH'))
    throw new Error(`reading the alarm ${name}: an alarm cannot watch a SEARCH`)
  return expression
}

const statOf = ({ Metric, Stat, Unit }: NonNullable<Query['MetricStat']>): MetricStat => ({
  metric: {
    namespace: Metric.Namespace,
    name: Metric.MetricName,
    dimensions: Object.fromEntries((Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
  },
  statistic: Stat,
  ...(Unit !== undefined && { unit: Unit }),
})

const DAY_S = 86_400

/** All metrics of an alarm have the same period. By what rules one over more than a day is evaluated was not looked up. */
const periodOf = (name: string, asked: readonly Query[], evaluationPeriods: number): number => {
  const [periodS, ...others] = new Set(asked.flatMap(({ MetricStat }) => MetricStat?.Period ?? []))
  if (periodS === undefined || others.length > 0)
    throw new Error(`reading the alarm ${name}: its metrics have ${others.length + 1} periods, and need one`)
  if (periodS * evaluationPeriods > DAY_S)
    throw new Error(`reading the alarm ${name}: it looks at more than a day, which is not supported`)
  return periodS * 1_000
}

/** Editions of the documentation differ in whether an alarm on AWS/DynamoDB may do anything but ignore missing data. */
const missingData = (
  name: string,
  { TreatMissingData = 'missing' }: AlarmProperties,
  asked: readonly Query[],
): MissingData => {
  const isTable = asked.some(({ MetricStat }) => MetricStat?.Metric.Namespace === 'AWS/DynamoDB')
  if (isTable && TreatMissingData !== 'ignore')
    throw new Error(
      `reading the alarm ${name}: say ignore for missing data of AWS/DynamoDB, CloudWatch may do so anyway`,
    )
  return TreatMissingData
}
