import { Duration } from 'aws-cdk-lib'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import type { PairFailover } from '../../shared/domain/failover/failover-choice.ts'
import { drillLimitDays } from '../../shared/domain/failover/failover-watch.ts'
import { failoverMachineName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { passWatches } from './pass-watches.ts'
import { measured, type Watch } from './watch.ts'

export interface WatchedFailover {
  readonly link: Link
  /** The name of its pair. */
  readonly pair: string
  readonly failover: PairFailover
  readonly machine: IStateMachine
  readonly fence: IFunction
}

/** When somebody is needed to go on with a failover, or there was none for too long. */
export const failoverWatches = ({ link, pair, failover, machine, fence }: WatchedFailover): readonly Watch[] => [
  ...asking(link, pair),
  ...owing(link),
  ...failing(link, machine),
  drilling(link, pair, failover),
  ...passWatches({
    id: 'fence',
    function: fence,
    every: Duration.minutes(1),
    within: Duration.minutes(5),
    failing: {
      wrong: 'What failovers owe an old active cluster cannot be looked at.',
      means: `A cluster that comes back would not be fenced, and ${link.target.name} would not learn of a promotion elsewhere.`,
      remedy: 'Read the error code in the newest error of the log group of fence; it says what to check.',
    },
    throttled: {
      wrong: 'Lambda throttles the function that fences.',
      means: 'A cluster that comes back is fenced late, and so does a failover.',
    },
    absent: {
      wrong: 'Nobody starts the function that waits for a cluster to come back.',
      means: 'It would not be fenced when it does.',
      unsafe: true,
    },
  }),
]

const asking = (link: Link, pair: string): readonly Watch[] => [
  {
    id: 'approval-pending',
    metric: measured(link, 'ApprovalPending', Stats.MAXIMUM),
    threshold: 1,
    wrong: `A failover to ${link.target.name} waits for approval.`,
    means: 'Nothing has been changed; it is given up when nobody answers in time.',
    remedy: `Read the preflight with \`npx twinshore failover ${pair} --follow\`, and approve or decline it there.`,
  },
  {
    id: 'failover-held',
    metric: measured(link, 'FailoverHeld', Stats.MAXIMUM),
    threshold: 1,
    unsafe: true,
    wrong: `A failover to ${link.target.name} stands still and waits for an operator.`,
    means: 'It is past the point of no return, or could not be undone: what it had not done yet is not done.',
    remedy: `Mend what its newest step complains of (\`npx twinshore failover ${pair} --follow\`), and let it try again, or end it there.`,
  },
]

const owing = (link: Link): readonly Watch[] => [
  {
    id: 'fence-pending',
    metric: measured(link, 'FencePending', Stats.MAXIMUM),
    threshold: 1,
    unsafe: true,
    wrong: `${link.source.name} could not be fenced when ${link.target.name} was promoted.`,
    means: `Applications that reach ${link.source.name} may write there; what they write is stranded.`,
    remedy: `Keep them off it. It is fenced as soon as it answers; look why it does not.`,
  },
  {
    id: 'stranded-records',
    metric: measured(link, 'StrandedRecords', Stats.MAXIMUM),
    threshold: 1,
    wrong: `${link.source.name} holds records that ${link.target.name} never got.`,
    means: 'They are being exported, merged or discarded, as was asked; nobody fails back before that.',
    remedy: 'Wait; when it stays so, read the newest lines of the log group of fence, which say what they wait for.',
  },
]

/** An execution that ends is done, rolled back or held. One that fails is none of these. */
const failing = (link: Link, machine: IStateMachine): readonly Watch[] => {
  const period = Duration.minutes(1)
  const wrong = `A failover to ${link.target.name}`
  const means = 'Nobody knows how far it came; its lock is taken over by the next one.'
  const remedy = `Redrive the execution of ${failoverMachineName(link)} in Step Functions: every step goes on where it was.`
  return [
    { id: 'failover-failed', metric: machine.metricFailed({ period }), wrong: `${wrong} failed in its machine.` },
    {
      id: 'failover-timed-out',
      metric: machine.metricTimedOut({ period }),
      wrong: `${wrong} took more than its time.`,
    },
    { id: 'failover-aborted', metric: machine.metricAborted({ period }), wrong: `${wrong} was stopped by somebody.` },
  ].map((watch) => ({ ...watch, threshold: 1, unsafe: true, means, remedy }))
}

const drilling = (link: Link, pair: string, { drillEveryDays }: PairFailover): Watch => ({
  id: 'drill-age',
  metric: measured(link, 'DrillAgeDays', Stats.MAXIMUM, 60),
  threshold: drillLimitDays(drillEveryDays),
  wrong: `There was no good drill of a failover to ${link.target.name} for ${drillLimitDays(drillEveryDays)} days.`,
  means: 'Nobody knows whether a failover would go through.',
  remedy: `Run \`npx twinshore drill ${pair}\`, read its report, and mend what does not pass.`,
})
