import type { FailoverInput } from '../../shared/domain/failover/failover-input.ts'
import type { StepRecord } from '../../shared/domain/failover/failover-step.ts'
import type { PreflightReport } from '../../shared/domain/failover/preflight-report.ts'
import type { ReportFacts } from '../../shared/domain/failover/report-facts.ts'

export const STARTED_AT = Date.UTC(2026, 4, 3, 10, 0, 0)

export const storyInput: FailoverInput = {
  mode: 'planned',
  reason: 'maintenance <of> the "west" & others',
  who: 'anna',
  limits: {},
  positions: { kind: 'mapped' },
  tail: 'export',
  force: false,
}

export const storyPreflight: PreflightReport = {
  pair: 'west-east',
  from: 'west',
  to: 'east',
  epoch: 3,
  mode: 'planned',
  at: STARTED_AT + 2_000,
  reason: storyInput.reason,
  force: false,
  limits: { lagRecords: 1_000, lagSeconds: 30, lostRecords: 0 },
  positions: storyInput.positions,
  tail: 'export',
  passed: true,
  checks: [
    { name: 'lag-records', verdict: 'pass', measured: '12 records', limit: 'at most 1000', detail: '' },
    {
      name: 'target-racks',
      verdict: 'warn',
      measured: '<script>alert(1)</script>',
      limit: 'survives',
      detail: 'two racks',
    },
  ],
}

/** Of a step, in seconds after the start. */
export const stepRecord = (
  step: StepRecord['step'],
  from: number,
  to: number,
  more: Partial<StepRecord> = {},
): StepRecord => ({
  step,
  attempt: 1,
  outcome: 'done',
  message: `${step} is done`,
  startedAt: STARTED_AT + from * 1_000,
  endedAt: STARTED_AT + to * 1_000,
  calls: 1,
  data: {},
  ...more,
})

/** A planned failover that waited ten minutes for an approval, and drained for eight seconds. */
export const storyRecords: readonly StepRecord[] = [
  stepRecord('validate', 0, 0.5),
  stepRecord('lock', 0.6, 1, { data: { epoch: 3, mode: 'forwarding' } }),
  stepRecord('preflight', 1.1, 4, { data: { hash: 'abc123', report: storyPreflight } }),
  stepRecord('approve', 4.1, 4.3, { outcome: 'again', message: 'an operator is asked to approve' }),
  stepRecord('fence', 604, 605),
  stepRecord('prove', 605, 611),
  stepRecord('drain', 611, 619, { calls: 3, data: { partitions: 4, loss: { records: 0, topics: [] } } }),
  stepRecord('groups', 619, 621, { data: { passes: 2, moved: 3, positions: 2 } }),
  stepRecord('stop', 621, 623),
  stepRecord('boundary', 623, 623.5, { data: { topics: 2, partitions: 4, unheard: 0 } }),
  stepRecord('promote', 623.5, 624),
  stepRecord('switch', 624, 625),
  stepRecord('verify', 625, 626),
  stepRecord('reverse', 626, 630),
]

export const storyFacts = (changes: Partial<ReportFacts> = {}): ReportFacts => ({
  installation: 'twinshore',
  pair: 'west-east',
  from: { cluster: 'west', region: 'us-east-1' },
  to: { cluster: 'east', region: 'eu-west-1' },
  back: { region: 'us-east-1', machine: 'twinshore-east-west-failover' },
  execution: {
    name: 'planned-1',
    arn: 'arn:aws:states:eu-west-1:111122223333:execution:twinshore-west-east-failover:planned-1',
    startedAt: STARTED_AT,
  },
  input: storyInput,
  ending: 'done',
  decisions: [{ do: 'approve', by: 'bert', at: STARTED_AT + 603_000, hash: 'abc123' }],
  records: storyRecords,
  topics: ['orders', 'payments'],
  places: [
    { group: 'billing', topic: 'orders', partition: 0, before: '41', after: '40' },
    { group: 'billing', topic: 'orders', partition: 1, before: '7', after: '7' },
  ],
  troubles: [],
  ...changes,
})
