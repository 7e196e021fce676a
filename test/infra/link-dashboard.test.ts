import { describe, expect, it } from 'vitest'
import type { Template } from '../../local/aws/assembly.ts'
import { alarmsIn } from '../../local/cloudwatch/alarm-definition.ts'
import { alarmsOf, dashboardsIn, metricsOf } from '../../local/cloudwatch/dashboard-body.ts'
import {
  GROUP_METRICS,
  HEARTBEAT_METRICS,
  LAG_METRICS,
  METRIC_NAMESPACE,
  METRICS,
  VERIFY_METRICS,
} from '../../shared/domain/metrics.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { valid, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise } from './synthesised.ts'

const seen = (input: Parameters<typeof defineTopology>[0]) => {
  const stacks = [...synthesise(defineTopology(input)).values()].filter(({ region }) => region === 'eu-west-1')
  const templates = stacks.map(({ template }) => template.toJSON() as Template)
  const [dashboard, ...others] = templates.flatMap(dashboardsIn)
  if (dashboard === undefined || others.length > 0) throw new Error(`${others.length} other dashboards`)
  return { dashboard, alarms: templates.flatMap(alarmsIn).map(({ name }) => name) }
}

describe('the dashboard of a link', () => {
  const { dashboard, alarms } = seen(withLink({ heartbeats: true, thresholds: { lagSeconds: 77 } }))

  it('has few widgets, none over another, the state of every alarm on top and what sums it up first', () => {
    expect(dashboard.name).toBe('twinshore-west-east')
    expect(dashboard.widgets.map(({ kind }) => kind)).toEqual(['alarm', ...Array(7).fill('metric')])
    expect(dashboard.widgets.map(({ x, y, width }) => [x, y, width])).toEqual([
      ...[
        [0, 0, 24],
        [0, 5, 24],
      ],
      ...[9, 15, 21].flatMap((y) => [
        [0, y, 12],
        [12, y, 12],
      ]),
    ])
    const shown = alarmsOf(dashboard)
    expect(shown[0]).toBe('twinshore-west-east-unsafe')
    expect(shown.toSorted()).toEqual(alarms.toSorted())
  })

  it('shows metrics that are declared, of the link as a whole or by topic', () => {
    const declared = { ...METRICS, ...GROUP_METRICS, ...VERIFY_METRICS, ...LAG_METRICS, ...HEARTBEAT_METRICS }
    const metrics = metricsOf(dashboard)
    expect(metrics.length).toBeGreaterThan(15)
    for (const { namespace, name, dimensions } of metrics) {
      expect(namespace).toBe(METRIC_NAMESPACE)
      expect(Object.keys(declared)).toContain(name)
      expect(dimensions).toMatchObject({ installation: 'twinshore', link: 'west-east' })
    }
    const byTopic = metrics.filter(({ dimensions }) => 'topic' in dimensions).map(({ name }) => name)
    expect(byTopic).toEqual(['LagSeconds', 'LagRecords'])
  })

  it('draws the lag beside what is too much of it', () => {
    const limits = dashboard.widgets.flatMap((widget) => widget.limits.map(({ value }) => [widget.title, value]))
    expect(limits).toEqual([['Behind, in seconds', 77]])
  })

  it('is there for a link in no pair too, without an alarm that nobody fails over by', () => {
    const alone = seen({ ...valid, pairs: [] })
    expect(alarmsOf(alone.dashboard).toSorted()).toEqual(alone.alarms.toSorted())
  })
})
