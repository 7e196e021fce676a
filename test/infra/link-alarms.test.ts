import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import { METRIC_NAMESPACE, METRICS } from '../../shared/domain/metrics.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise, templateOf } from './synthesised.ts'

const ALARM = 'AWS::CloudWatch::Alarm'
const alarmTopic = 'arn:aws:sns:eu-west-1:111122223333:operators'
const thresholds = { standstillMs: 120_000, functionErrors: 5, throttles: 2 }

describe('the alarms of a link', () => {
  const template = templateOf(
    synthesise(defineTopology({ ...withLink({ thresholds }), alarmTopics: { 'eu-west-1': alarmTopic } })),
    'twinshore-west-east-replication',
  )
  const alarms = Object.values(template.findResources(ALARM)).map(({ Properties }) => Properties)

  it.each([
    ['function-errors', 'AWS/Lambda', 'Errors', 'Sum', 5],
    ['throttles', 'AWS/Lambda', 'Throttles', 'Sum', 2],
    ['standstill', 'Twinshore', 'StandstillSeconds', 'Maximum', 120],
    ['lost-records', 'Twinshore', 'LostRecords', 'Sum', 1],
    ['quarantined-records', 'Twinshore', 'QuarantinedRecords', 'Sum', 1],
    ['refused-records', 'Twinshore', 'RefusedRecords', 'Sum', 1],
  ])('tell of %s', (name, Namespace, MetricName, Statistic, Threshold) => {
    template.hasResourceProperties(ALARM, {
      AlarmName: `twinshore-west-east-${name}`,
      Namespace,
      MetricName,
      Statistic,
      Threshold,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    })
  })

  it('are six, and tell the operators', () => {
    template.resourceCountIs(ALARM, 6)
    template.allResourcesProperties(ALARM, { AlarmActions: [alarmTopic] })
  })

  it('watch metrics that the functions publish, under the dimension of the link alone', () => {
    const own = alarms.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE)
    expect(own.map(({ MetricName }) => MetricName).filter((name) => !(name in METRICS))).toEqual([])
    for (const { Dimensions } of own) expect(Dimensions).toEqual([{ Name: 'link', Value: 'west-east' }])
  })

  it('say in full sentences of what link they are, what is wrong, what it means and what to do', () => {
    for (const { AlarmDescription } of alarms) {
      expect(AlarmDescription).toMatch(/^Link west-east, west to east: [A-Z]/)
      expect(AlarmDescription.split(/\. /).length).toBeGreaterThanOrEqual(3)
      expect(AlarmDescription.length).toBeLessThanOrEqual(1024)
    }
  })

  it('tell nobody where the topology names nobody', () => {
    templateOf(synthesise(defineTopology(withLink({}))), 'twinshore-west-east-replication').allResourcesProperties(
      ALARM,
      {
        AlarmActions: Match.absent(),
      },
    )
  })
})
