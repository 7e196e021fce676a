import { App, Duration, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import {
  Alarm,
  AlarmStatusWidget,
  AlarmWidget,
  Dashboard,
  GraphWidget,
  LogQueryWidget,
  MathExpression,
  Metric,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Template as Written } from '../../../../local/aws/assembly.ts'
import { alarmsOf, dashboardsIn, metricsOf, widgetsIn } from '../../../../local/cloudwatch/dashboard-body.ts'
import { drawDashboard } from '../../../../local/cloudwatch/dashboard-picture.ts'
import { type DataPoint, isMatch } from '../../../../local/cloudwatch/metric.ts'
import { createMetricStore } from '../../../../local/cloudwatch/metric-store.ts'

const MINUTE_MS = 60_000

const metric = (metricName: string, statistic = 'Maximum') =>
  new Metric({
    namespace: 'Test',
    metricName,
    dimensionsMap: { link: 'west' },
    statistic,
    period: Duration.minutes(1),
    label: `${metricName} <${statistic}>`,
  })

const point = (name: string, minute: number, value: number, topic?: string): DataPoint => ({
  namespace: 'Test',
  name,
  dimensions: { link: 'west', ...(topic !== undefined && { topic }) },
  unit: 'None',
  atMs: minute * MINUTE_MS,
  value,
  resolutionMs: MINUTE_MS,
})

const made = () => {
  const stack = new Stack(new App(), 'Stack')
  const [lag, beat] = ['lag', 'heartbeat'].map(
    (alarmName) =>
      new Alarm(stack, alarmName, { alarmName, metric: metric('Lag'), threshold: 5, evaluationPeriods: 1 }),
  )
  if (lag === undefined || beat === undefined) throw new Error('two alarms')
  const dashboard = new Dashboard(stack, 'Pair', { dashboardName: 'pair' })
  const expression = `SEARCH('{Test,link,topic} MetricName="Lag" link="west"', 'Maximum', 60)`
  dashboard.addWidgets(
    new AlarmStatusWidget({ title: 'Alarms', alarms: [lag, beat], width: 24 }),
    new GraphWidget({
      title: 'Lag & rate',
      left: [metric('Lag'), new MathExpression({ expression, label: 'by topic', period: Duration.minutes(1) })],
      right: [
        new MathExpression({
          expression: 'records / PERIOD(records)',
          usingMetrics: { records: metric('Records', 'Sum') },
          label: 'a second',
          period: Duration.minutes(1),
        }),
      ],
      leftAnnotations: [{ value: 8, label: 'the alarm' }],
      width: 12,
    }),
    new SingleValueWidget({ title: 'Now', metrics: [metric('Lag'), metric('Gone', 'p99')] }),
    new TextWidget({ markdown: '# Runbook\nsee [the page](https://example.org) <now>' }),
    new AlarmWidget({ title: 'One', alarm: beat }),
    new LogQueryWidget({ logGroupNames: ['group'], queryString: 'fields @message' }),
  )
  const [found] = dashboardsIn(Template.fromStack(stack).toJSON() as Written)
  if (found === undefined) throw new Error('a dashboard')
  return found
}

/** CDK reads most of itself when it is first used, which on a busy machine takes longer than a test may. */
beforeAll(() => void made(), 120_000)

describe('a dashboard', () => {
  it('is read with its places, titles and alarms as CDK writes them', () => {
    const found = made()
    expect(found.name).toBe('pair')
    expect(found.widgets.map(({ kind, title, x, width }) => [kind, title, x, width])).toEqual([
      ['alarm', 'Alarms', 0, 24],
      ['metric', 'Lag & rate', 0, 12],
      ['metric', 'Now', 12, 6],
      ['text', '', 18, 6],
      ['metric', 'One', 0, 6],
      ['log', '', 6, 6],
    ])
    expect(alarmsOf(found)).toEqual(['lag', 'heartbeat', 'heartbeat'])
  })

  it('names its metrics, those of expressions and searches too', () => {
    const dimensions = { link: 'west' }
    const named = metricsOf(made())
    expect(named).toEqual([
      { namespace: 'Test', name: 'Lag', dimensions },
      { namespace: 'Test', name: 'Lag', dimensions: { link: 'west', topic: undefined } },
      { namespace: 'Test', name: 'Records', dimensions },
      { namespace: 'Test', name: 'Lag', dimensions },
      { namespace: 'Test', name: 'Gone', dimensions },
    ])
    const byTopic = named.filter((pattern) => isMatch(pattern, point('Lag', 0, 1, 'orders')))
    expect(byTopic).toEqual([named[1]])
    expect(named.filter((pattern) => isMatch(pattern, point('Lag', 0, 1)))).toHaveLength(2)
  })

  it('understands the shorthand for repeated metrics', () => {
    const metrics = [
      ['Test', 'Lag', 'link', 'west', 'topic', 'a', { id: 'first' }],
      ['.', 'Records', '.', '.', '.', 'b'],
      [{ expression: 'first * 2' }],
      ['...', 'c'],
      ['.', 'Lag', '...'],
      ['...'],
    ]
    const [widget] = widgetsIn(JSON.stringify({ widgets: [{ type: 'metric', properties: { metrics } }] }))
    const named = metricsOf({ name: '', widgets: widget === undefined ? [] : [widget] })
    expect(named.map(({ name, dimensions }) => `${name} ${Object.entries(dimensions).flat().join(' ')}`)).toEqual([
      'Lag link west topic a',
      'Records link west topic b',
      'Records link west topic c',
      'Lag link west topic c',
      'Lag link west topic c',
    ])
  })

  it('has the defaults of CloudWatch', () => {
    const [widget] = widgetsIn(
      JSON.stringify({ widgets: [{ type: 'metric', properties: { metrics: [['Test', 'Lag']] } }] }),
    )
    expect(widget).toMatchObject({ x: 0, y: 0, width: 6, height: 6, view: 'timeSeries' })
    expect(widget?.lines[0]).toMatchObject({ periodMs: 300_000, query: { stat: { statistic: 'Average' } } })
  })

  it.each([
    [[['Test', 'Lag', 'link']], 'is not a metric'],
    [[['.', 'Lag']], 'repeats what is not there'],
    [[[{ label: 'nothing' }]], 'neither a metric nor an expression'],
  ])('is refused when it names no metric: %j', (metrics, reason) => {
    expect(() => widgetsIn(JSON.stringify({ widgets: [{ type: 'metric', properties: { metrics } }] }))).toThrow(reason)
  })
})

describe('the picture of a dashboard', () => {
  const store = createMetricStore()
  for (let minute = 0; minute < 10; minute++)
    store.add([point('Lag', minute, minute), point('Lag', minute, 4, 'orders'), point('Records', minute, 1_200_000)])
  const view = { store, endMs: 10 * MINUTE_MS, spanMs: 10 * MINUTE_MS }
  const states = new Map([['lag', 'ALARM'] as const, ['heartbeat', 'OK'] as const])

  it('shows titles, alarms in the colour of their state, and what each line was last', () => {
    const picture = drawDashboard(made(), { ...view, states })
    for (const text of [
      'Lag &amp; rate',
      'Lag &lt;Maximum&gt;: 9',
      'west orders Lag: 4',
      'a second: 20,000',
      'the alarm',
      '>--<',
      '>Runbook<',
      'see the page &lt;now&gt;',
    ])
      expect(picture).toContain(text)
    expect(picture.match(/fill="#d62728" rx/g)).toHaveLength(1)
    expect(picture.match(/fill="#2ca02c" rx/g)).toHaveLength(2)
    expect(drawDashboard(made(), { ...view, states: new Map() }).match(/fill="#000" rx/g)).toHaveLength(3)
  })

  it('has nothing outside its edges, and no place that is not a number', () => {
    const picture = drawDashboard(made(), { ...view, states })
    expect(picture).not.toMatch(/NaN|Infinity|undefined/)
    const places = [...picture.matchAll(/ (?:x|x1|x2|cx)="([^"]+)"/g)].map(([, at]) => Number(at))
    expect(Math.min(...places)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...places)).toBeLessThanOrEqual(1_440)
  })

  it('has what is more above what is less', () => {
    const picture = drawDashboard(made(), { ...view, states })
    const heights = [...picture.matchAll(/<line [^>]* y1="([^"]+)" [^>]* y2="([^"]+)" stroke="#1f77b4"/g)]
    expect(heights).toHaveLength(9)
    for (const [, from, to] of heights) expect(Number(to)).toBeLessThan(Number(from))
  })

  it('can be drawn while everything is nothing', () => {
    const nothing = createMetricStore()
    nothing.add([point('Lag', 8, 0), point('Records', 8, 0), point('Records', 9, 0)])
    expect(drawDashboard(made(), { ...view, store: nothing, states })).not.toMatch(/NaN|Infinity/)
  })

  it('can be drawn before there is any data', () => {
    const picture = drawDashboard(made(), { ...view, store: createMetricStore(), states: new Map() })
    expect(picture).toContain('no data')
    expect(picture).not.toMatch(/NaN|Infinity/)
  })
})
