import { Duration } from 'aws-cdk-lib'
import {
  GraphWidget,
  type HorizontalAnnotation,
  type IMetric,
  MathExpression,
  type Metric,
  SingleValueWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch'
import { linkDimensions, METRIC_NAMESPACE, type MetricName, TOPIC_DIMENSION } from '../../shared/domain/metrics.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { measured } from './watch.ts'

/** A metric, its statistic over a minute, and what it is called. */
export type Shown = readonly [name: MetricName, statistic: string, label: string]

interface GraphProps {
  readonly left: readonly IMetric[]
  readonly right?: readonly IMetric[]
  readonly limits?: readonly HorizontalAnnotation[]
  readonly width: number
}

/** Everything that is shown is a count, a time or an age, none of which is below 0. */
const FROM_ZERO = { min: 0, showUnits: false }

export const graph = (title: string, { left, right = [], limits = [], width }: GraphProps): GraphWidget =>
  new GraphWidget({
    title,
    left: [...left],
    right: [...right],
    leftAnnotations: [...limits],
    leftYAxis: FROM_ZERO,
    rightYAxis: FROM_ZERO,
    width,
    height: 6,
  })

export const numbers = (title: string, metrics: readonly IMetric[]): SingleValueWidget =>
  new SingleValueWidget({ title, metrics: [...metrics], width: 24, height: 3 })

export const plain = (link: Link, name: MetricName, statistic: string, label: string): Metric =>
  measured(link, name, statistic).with({ label })

/** Several links are told apart by their names, a single one needs none. */
const named = (link: Link, links: readonly Link[], label: string): string =>
  links.length > 1 ? `${link.name}: ${label}` : label

export const counted = (links: readonly Link[], shown: readonly Shown[]): IMetric[] =>
  links.flatMap((link) =>
    shown.map(([name, statistic, label]) => plain(link, name, statistic, named(link, links, label))),
  )

/** From its alarm on it is too much. */
export const limit = (link: Link, links: readonly Link[], value: number): HorizontalAnnotation => ({
  value,
  label: named(link, links, 'alarm'),
})

export const perSecond = (links: readonly Link[], name: MetricName, label: string): IMetric[] =>
  links.map((link, at) => {
    const id = `${name.charAt(0).toLowerCase()}${name.slice(1)}${at}`
    return new MathExpression({
      expression: `${id} / PERIOD(${id})`,
      usingMetrics: { [id]: measured(link, name, Stats.SUM) },
      label: named(link, links, label),
      period: Duration.minutes(1),
    })
  })

/** Topics come and go, so that they are found when somebody looks. */
export const worstTopics = (links: readonly Link[], name: MetricName): IMetric[] =>
  links.map((link) => {
    const dimensions = Object.entries(linkDimensions(link))
    const schema = [METRIC_NAMESPACE, ...dimensions.map(([key]) => key), TOPIC_DIMENSION].join(',')
    const values = dimensions.map(([key, value]) => `${key}="${value}"`).join(' ')
    return new MathExpression({
      expression: `SORT(SEARCH('{${schema}} MetricName="${name}" ${values}', '${Stats.MAXIMUM}', 60), MAX, DESC, ${MOST_TOPICS})`,
      label: named(link, links, PROP_OF_TOPIC),
      period: Duration.minutes(1),
    })
  })

/** More lines nobody tells apart. */
const MOST_TOPICS = 10

/** CloudWatch puts the name of the topic in place of it. */
const PROP_OF_TOPIC = `$\{PROP('Dim.${TOPIC_DIMENSION}')}`
