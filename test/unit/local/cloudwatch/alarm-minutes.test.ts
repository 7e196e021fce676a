import { describe, expect, it } from 'vitest'
import { alarmsIn } from '../../../../local/cloudwatch/alarm-definition.ts'
import { AlarmMinutes } from '../../../../local/cloudwatch/alarm-minutes.ts'
import type { DataPoint } from '../../../../local/cloudwatch/metric.ts'

const METRIC = { namespace: 'Twinshore', name: 'LagSeconds', dimensions: { link: 'west-east' } }

const alarms = alarmsIn({
  Resources: {
    Lag: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'lag',
        Namespace: METRIC.namespace,
        MetricName: METRIC.name,
        Dimensions: [{ Name: 'link', Value: 'west-east' }],
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 2,
        Threshold: 30,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      },
    },
  },
})

const point = (value: number): DataPoint => ({ ...METRIC, unit: 'Seconds', atMs: 1, value, resolutionMs: 60_000 })

describe('alarms whose minutes pass at once', () => {
  it('go off after as many as they wait for, whenever their values were emitted, and clear', () => {
    const minutes = new AlarmMinutes(alarms)
    const states = [29, 30, 30, 29].map((value) => {
      const changes = minutes.pass([point(value)])
      return [changes.map(({ from, to }) => `${from} ${to}`).join(), minutes.on().join()]
    })
    expect(states).toEqual([
      ['INSUFFICIENT_DATA OK', ''],
      ['', ''],
      ['OK ALARM', 'lag'],
      ['ALARM OK', ''],
    ])
  })
})
