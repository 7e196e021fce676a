import { App, Duration, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import {
  Alarm,
  AlarmRule,
  ComparisonOperator,
  CompositeAlarm,
  type CreateAlarmOptions,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Template as Written } from '../../../../local/aws/assembly.ts'
import { alarmsIn, metricsWatched } from '../../../../local/cloudwatch/alarm-definition.ts'
import { createAlarmWatch } from '../../../../local/cloudwatch/alarm-watch.ts'
import { createMetricStore } from '../../../../local/cloudwatch/metric-store.ts'

const MINUTE_MS = 60_000

const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD, LESS_THAN_OR_EQUAL_TO_THRESHOLD } = ComparisonOperator

const metric = (metricName: string, minutes = 1, statistic = 'Maximum'): Metric =>
  new Metric({
    namespace: 'Test',
    metricName,
    dimensionsMap: { link: 'west' },
    statistic,
    period: Duration.minutes(minutes),
  })

type Values = Readonly<Record<string, readonly (number | undefined)[]>>

/** The changes of the alarms of a stack, as `minute name state`, when each metric has these values, one a minute. */
const changes = (fill: (stack: Stack) => void, values: Values, minutes: number): string[] => {
  const stack = new Stack(new App(), 'Stack')
  fill(stack)
  const store = createMetricStore()
  for (const [name, series] of Object.entries(values))
    for (const [minute, value] of series.entries()) {
      if (value === undefined) continue
      const identity = { namespace: 'Test', name, dimensions: { link: 'west' } }
      store.add([{ ...identity, unit: 'None', atMs: minute * MINUTE_MS + 1, value, resolutionMs: MINUTE_MS }])
    }
  const watch = createAlarmWatch(alarmsIn(Template.fromStack(stack).toJSON() as Written), store)
  return watch
    .through(MINUTE_MS, minutes * MINUTE_MS)
    .map(({ alarm, atMs, to }) => `${atMs / MINUTE_MS} ${alarm} ${to}`)
}

const alarmed =
  (of: IMetric, options: Partial<CreateAlarmOptions> = {}, alarmName = 'lag') =>
  (stack: Stack) =>
    new Alarm(stack, alarmName, { alarmName, metric: of, threshold: 5, evaluationPeriods: 1, ...options })

/** CDK reads most of itself when it is first used, which on a busy machine takes longer than a test may. */
beforeAll(() => void changes(alarmed(metric('Lag')), {}, 1), 120_000)

describe('an alarm in time', () => {
  it('goes off at the end of the minute in which the threshold is reached, and clears after the next good one', () => {
    expect(changes(alarmed(metric('Lag')), { Lag: [0, 5, 5, 4] }, 5)).toEqual(['1 lag OK', '2 lag ALARM', '4 lag OK'])
  })

  it.each([
    [GREATER_THAN_THRESHOLD, ['1 lag OK', '3 lag ALARM']],
    [LESS_THAN_THRESHOLD, ['1 lag ALARM', '2 lag OK']],
    [LESS_THAN_OR_EQUAL_TO_THRESHOLD, ['1 lag ALARM', '3 lag OK']],
  ])('compares by %s', (comparisonOperator, expected) => {
    expect(changes(alarmed(metric('Lag'), { comparisonOperator }), { Lag: [4, 5, 6] }, 3)).toEqual(expected)
  })

  it('stays on for two more periods when the metric stops, and is then what missing data is', () => {
    const last = (treatMissingData: TreatMissingData) =>
      changes(alarmed(metric('Lag'), { treatMissingData }), { Lag: [9] }, 9)
    expect(last(TreatMissingData.NOT_BREACHING)).toEqual(['1 lag ALARM', '4 lag OK'])
    expect(last(TreatMissingData.MISSING)).toEqual(['1 lag ALARM', '4 lag INSUFFICIENT_DATA'])
    expect(last(TreatMissingData.IGNORE)).toEqual(['1 lag ALARM'])
  })

  it('goes off when a function is dead and missing data is breaching, but not before the last real points are old', () => {
    const treatMissingData = TreatMissingData.BREACHING
    const dead = { Lag: [0, 0, 0] }
    expect(changes(alarmed(metric('Lag'), { treatMissingData }), dead, 9)).toEqual(['1 lag OK', '6 lag ALARM'])
    const patient = alarmed(metric('Lag'), { treatMissingData, evaluationPeriods: 3 })
    expect(changes(patient, dead, 9)).toEqual(['1 lag OK', '8 lag ALARM'])
  })

  it('counts M out of N', () => {
    const twoOfThree = { evaluationPeriods: 3, datapointsToAlarm: 2 }
    const values = { Lag: [9, 0, 0, 9, 0, 9, 0, 0] }
    expect(changes(alarmed(metric('Lag'), twoOfThree), values, 8)).toEqual(['2 lag OK', '6 lag ALARM', '7 lag OK'])
  })

  it('looks at a period that ends now, whatever the clock says', () => {
    const sums = alarmed(metric('Errors', 5, 'Sum'), { treatMissingData: TreatMissingData.NOT_BREACHING })
    const errors = { Errors: [0, 0, 0, 3, 0, 0, 2, 0, 0, 0, 0, 0] }
    expect(changes(sums, errors, 12)).toEqual(['1 lag OK', '7 lag ALARM', '9 lag OK'])
  })

  it('watches an expression over several metrics', () => {
    const expression = new MathExpression({
      expression: 'IF(records > 0, FILL(failed, 0) / records * 100)',
      usingMetrics: { failed: metric('Failed'), records: metric('Records') },
      period: Duration.minutes(1),
    })
    const values = { Records: [100, 100, 100, 0, 100], Failed: [undefined, 4, 5, 9, 0] }
    expect(changes(alarmed(expression), values, 5)).toEqual(['1 lag OK', '3 lag ALARM', '5 lag OK'])
  })

  it('takes the percentile that it asks for', () => {
    const store = { Lag: [1, 9] }
    expect(changes(alarmed(metric('Lag', 5, 'p50')), store, 2)).toEqual(['1 lag OK', '2 lag ALARM'])
  })

  it('is one of several in a composite alarm, and of that in another, all at once', () => {
    const fill = (stack: Stack) => {
      const [lag, heartbeat] = ['Lag', 'Heartbeat'].map((name) => alarmed(metric(name), {}, name)(stack))
      if (lag === undefined || heartbeat === undefined) throw new Error('two alarms')
      // The outer one comes first in the template.
      const outer = AlarmRule.not(AlarmRule.fromString('OK("b-inner")'))
      new CompositeAlarm(stack, 'AOuter', { compositeAlarmName: 'a-outer', alarmRule: outer })
      const inner = AlarmRule.allOf(lag, heartbeat)
      new CompositeAlarm(stack, 'BInner', { compositeAlarmName: 'b-inner', alarmRule: inner })
    }
    const found = changes(fill, { Lag: [9, 9, 9], Heartbeat: [0, 9, 0] }, 3)
    expect(found.filter((change) => change.includes('-'))).toEqual([
      '1 b-inner OK',
      '1 a-outer OK',
      '2 b-inner ALARM',
      '2 a-outer ALARM',
      '3 b-inner OK',
      '3 a-outer OK',
    ])
  })
})

describe('an alarm of less than a minute', () => {
  it('is decided every ten seconds, while others wait for the minute', () => {
    const store = createMetricStore()
    const fine = { namespace: 'Test', dimensions: {}, unit: 'None', resolutionMs: 1_000 } as const
    for (const name of ['Fast', 'Slow']) {
      store.add([
        { ...fine, name, atMs: 60_000, value: 0 },
        { ...fine, name, atMs: 71_000, value: 9 },
      ])
      store.add([{ ...fine, name, atMs: 81_000, value: 1 }])
    }
    const alarm = (AlarmName: string, Period: number) => readOne({ ...plain, AlarmName, MetricName: AlarmName, Period })
    const watch = createAlarmWatch([...alarm('Fast', 10), ...alarm('Slow', 60)], store)
    const changed = watch.through(61_000, 180_000).map(({ alarm: name, atMs, to }) => `${atMs / 1_000} ${name} ${to}`)
    expect(changed).toEqual([
      '70 Fast OK',
      '80 Fast ALARM',
      '90 Fast OK',
      '120 Fast INSUFFICIENT_DATA',
      '120 Slow ALARM',
    ])
  })
})

const plain = {
  Namespace: 'Test',
  MetricName: 'Lag',
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanThreshold',
}

const readOne = (Properties: Readonly<Record<string, unknown>>, Type = 'AWS::CloudWatch::Alarm') =>
  alarmsIn({ Resources: { A: { Type, Properties: { AlarmName: 'a', ...Properties } } } })

describe('an alarm of a template', () => {
  const Resources = {
    Worker: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: { 'Fn::Join': ['-', ['mine', { Ref: 'Env' }]] } },
    },
    Queue: { Type: 'AWS::SQS::Queue' },
    Near: { Type: 'AWS::CloudWatch::Alarm', Properties: { ...plain, AlarmName: 'near' } },
  }

  const dimensionsWith = (value: unknown) => {
    const Properties = { ...plain, Dimensions: [{ Name: 'is', Value: value }] }
    const read = alarmsIn({ Resources: { ...Resources, A: { Type: 'AWS::CloudWatch::Alarm', Properties } } })
    return read.flatMap(metricsWatched).map(({ dimensions }) => dimensions['is'])[1]
  }

  it.each([
    [{ Ref: 'Worker' }, 'mine-<Env>'],
    [{ 'Fn::GetAtt': ['Worker', 'Arn'] }, 'mine-<Env>'],
    [{ 'Fn::GetAtt': ['Queue', 'QueueName'] }, 'Queue.QueueName'],
    [{ Ref: 'Queue' }, 'Queue'],
    [{ Ref: 'AWS::Region' }, '<AWS::Region>'],
    ['as it is', 'as it is'],
  ])('has names for what it refers to: %j', (value, expected) => {
    expect(dimensionsWith(value)).toBe(expected)
  })

  it('is refused with a reference that cannot be followed', () => {
    expect(() => dimensionsWith({ 'Fn::ImportValue': 'elsewhere' })).toThrow('Fn::ImportValue is not supported')
  })

  it('is found by its ARN, also by one that was put together', () => {
    const arn = { 'Fn::Join': ['', ['ALARM("arn:', { Ref: 'AWS::Partition' }, ':cloudwatch:eu-west-1:1:alarm:near")']] }
    const rule = { Type: 'AWS::CloudWatch::CompositeAlarm', Properties: { AlarmName: 'all', AlarmRule: arn } }
    const alarms = alarmsIn({ Resources: { ...Resources, Rule: rule } })
    expect([...createAlarmWatch(alarms, createMetricStore()).states().keys()]).toEqual(['near', 'all'])
    expect(alarms.flatMap(metricsWatched)).toEqual([{ namespace: 'Test', name: 'Lag', dimensions: {} }])
  })

  it('is read with its periods, up to a day of them', () => {
    expect(readOne({ ...plain, Period: 3_600, EvaluationPeriods: 24 })).toEqual([
      expect.objectContaining({ periodMs: 3_600_000, evaluationPeriods: 24, datapointsToAlarm: 24 }),
    ])
  })

  it('counts only values of its unit when it has one', () => {
    const store = createMetricStore()
    const lag = { namespace: 'Test', name: 'Lag', dimensions: {}, resolutionMs: MINUTE_MS } as const
    store.add([
      { ...lag, unit: 'Count', atMs: 0, value: 9 },
      { ...lag, unit: 'Seconds', atMs: 0, value: 1 },
    ])
    const state = (Unit: string) => {
      const watch = createAlarmWatch(readOne({ ...plain, Unit }), store)
      watch.through(MINUTE_MS, MINUTE_MS)
      return watch.state('a')
    }
    expect([state('Count'), state('Seconds')]).toEqual(['ALARM', 'OK'])
  })

  it('is asked for by a name that it has', () => {
    expect(() => createAlarmWatch(readOne(plain), createMetricStore()).state('b')).toThrow('no alarm b, only a')
  })
})

describe('what cannot be evaluated', () => {
  const stat = (Id: string, Period: number) => ({
    Id,
    MetricStat: { Metric: { Namespace: 'Test', MetricName: Id }, Period, Stat: 'Sum' },
  })
  const { EvaluationPeriods, Threshold, ComparisonOperator } = plain
  const math = { EvaluationPeriods, Threshold, ComparisonOperator }

  const manyMetrics = Array.from({ length: 11 }, (_, at) => ({ ...stat(`m${at}`, 60), ReturnData: at === 0 }))

  it.each([
    [{ ...plain, ThresholdMetricId: 'band' }, 'ThresholdMetricId is not supported'],
    [{ ...plain, EvaluationWindow: {} }, 'EvaluationWindow is not supported'],
    [{ ...plain, ComparisonOperator: 'GreaterThanUpperThreshold' }, 'GreaterThanUpperThreshold is not supported'],
    [{ ...plain, Period: 3_660, EvaluationPeriods: 24 }, 'more than a day'],
    [{ ...plain, MetricName: undefined }, 'it lacks a metric'],
    [{ ...plain, Namespace: 'AWS/DynamoDB', TreatMissingData: 'breaching' }, 'say ignore for missing data'],
    [{ ...math, Metrics: [stat('m1', 60), stat('m2', 60)] }, '2 of its metrics return data'],
    [{ ...math, Metrics: [{ Id: 'e1', Expression: `MAX(SEARCH('{Test} MetricName="Lag"', 'Sum'))` }] }, 'a SEARCH'],
    [{ ...math, Metrics: manyMetrics }, 'more than 10 metrics'],
    [{ ...math, Metrics: [stat('m1', 60), { ...stat('m2', 300), ReturnData: false }] }, 'have 2 periods'],
  ])('is refused when it is read: %o', (properties, reason) => {
    expect(() => readOne(properties)).toThrow(`reading the alarm a: `)
    expect(() => readOne(properties)).toThrow(reason)
  })

  it('is an alarm that rests on itself, or on none', () => {
    const composite = (AlarmRule: string) => readOne({ AlarmRule }, 'AWS::CloudWatch::CompositeAlarm')
    expect(() => createAlarmWatch(composite('ALARM(a)'), createMetricStore())).toThrow('rests on itself')
    expect(() => createAlarmWatch(composite('ALARM(b)'), createMetricStore())).toThrow('names b, which does not exist')
  })
})
