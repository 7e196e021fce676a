import type { Template } from '../aws/assembly.ts'
import { callsIn, type MathExpression, parseMath } from './math-syntax.ts'
import type { MetricPattern } from './metric.ts'
import type { MetricQuery } from './metric-query.ts'
import { expandedMetrics, type LineOptions, type WrittenLine } from './metric-shorthand.ts'
import { parseSearch } from './search-expression.ts'
import { alarmNameIn, resolved } from './template-values.ts'

export interface WidgetLine {
  readonly query: MetricQuery
  readonly isVisible: boolean
  readonly axis: 'left' | 'right'
  readonly periodMs: number
}

export interface Widget {
  /** `metric`, `text`, `alarm`, `log` and what else CloudWatch has. */
  readonly kind: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly title: string
  /** Of a metric widget: `timeSeries`, `singleValue` and so on. */
  readonly view: string
  readonly lines: readonly WidgetLine[]
  /** Alarms whose state it shows, by name. */
  readonly alarms: readonly string[]
  readonly limits: readonly { readonly value: number; readonly label: string }[]
  readonly text: string
}

export interface Dashboard {
  readonly name: string
  readonly widgets: readonly Widget[]
}

interface Properties {
  readonly title?: string
  readonly view?: string
  readonly stat?: string
  readonly period?: number
  readonly metrics?: readonly (readonly (string | LineOptions)[])[]
  readonly alarms?: readonly string[]
  readonly markdown?: string
  readonly query?: string
  readonly annotations?: {
    readonly horizontal?: readonly { readonly value: number; readonly label?: string }[]
    readonly alarms?: readonly string[]
  }
}

interface WrittenWidget {
  readonly type: string
  readonly x?: number
  readonly y?: number
  readonly width?: number
  readonly height?: number
  readonly properties: Properties
}

/** The dashboards of a synthesised template. */
export const dashboardsIn = (template: Template): readonly Dashboard[] =>
  Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) => {
    if (Type !== 'AWS::CloudWatch::Dashboard') return []
    const { DashboardName = id, DashboardBody } = resolved(Properties, template) as Record<string, unknown>
    return [{ name: String(DashboardName), widgets: widgetsIn(String(DashboardBody)) }]
  })

/** "Dashboard body structure and syntax" of the CloudWatch User Guide; also its defaults are from there. */
export const widgetsIn = (body: string): readonly Widget[] =>
  (JSON.parse(body) as { readonly widgets: readonly WrittenWidget[] }).widgets.map(
    ({ type, x = 0, y = 0, width = 6, height = 6, properties }) => ({
      kind: type,
      x,
      y,
      width,
      height,
      title: properties.title ?? '',
      view: properties.view ?? 'timeSeries',
      lines: linesIn(properties),
      alarms: [...(properties.alarms ?? []), ...(properties.annotations?.alarms ?? [])].map(alarmNameIn),
      limits: (properties.annotations?.horizontal ?? []).map(({ value, label = '' }) => ({ value, label })),
      text: properties.markdown ?? properties.query ?? '',
    }),
  )

const linesIn = ({ metrics = [], stat = 'Average', period = 300 }: Properties): readonly WidgetLine[] =>
  expandedMetrics(metrics).map(({ metric, options }, at) => ({
    query: queryOf(metric, { stat, ...options }, options.id ?? `line${at}`),
    isVisible: options.visible ?? true,
    axis: options.yAxis ?? 'left',
    periodMs: (options.period ?? period) * 1_000,
  }))

const queryOf = (
  metric: WrittenLine['metric'],
  { label, expression, stat = 'Average' }: LineOptions,
  id: string,
): MetricQuery => {
  if (expression !== undefined)
    return { kind: 'expression', id, label: label ?? expression, expression: parseMath(expression) }
  if (metric === undefined) throw new Error(`reading a dashboard: ${id} is neither a metric nor an expression`)
  return { kind: 'metric', id, label: label ?? metric.name, stat: { metric, statistic: stat } }
}

/** Every metric that a widget shows or reckons with, those of its searches included. */
export const metricsOf = ({ widgets }: Dashboard): readonly MetricPattern[] =>
  widgets.flatMap(({ lines }) =>
    lines.flatMap(({ query }) => (query.kind === 'metric' ? [query.stat.metric] : searchedIn(query.expression))),
  )

const searchedIn = (expression: MathExpression): readonly MetricPattern[] =>
  callsIn(expression).flatMap(({ name, args: [first] }) =>
    name === 'SEARCH' && first?.kind === 'text' ? parseSearch(first.text) : [],
  )

/** Every alarm whose state a widget shows, by name. */
export const alarmsOf = ({ widgets }: Dashboard): readonly string[] => widgets.flatMap(({ alarms }) => alarms)
