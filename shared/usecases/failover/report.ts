import { ReplicationError } from '../../domain/errors.ts'
import type { FailoverCluster, FailoverOrder } from '../../domain/failover/failover-order.ts'
import { failoverReport } from '../../domain/failover/report.ts'
import type { GroupPlace } from '../../domain/failover/report-facts.ts'
import { reportPage } from '../../domain/failover/report-page.ts'
import type { GroupLedger } from '../groups/group-ports.ts'
import type { Deadline } from '../ports.ts'
import type { BoundaryLedger, PerformStep, StepContext, StepLedger } from './failover-ports.ts'
import type { ReportStore } from './report-ports.ts'
import { publishedPlaces } from './resettle-groups.ts'

export interface ReportDeps {
  readonly order: FailoverOrder
  readonly ledger: Pick<StepLedger, 'steps'>
  readonly forward: {
    readonly boundary: Pick<BoundaryLedger, 'topics'>
    readonly groups: Pick<GroupLedger, 'records'>
  }
  readonly reports: ReportStore
}

/**
 * Writes down how it went, for people and for machines, as the ledger has it. What beside the ledger cannot be read is
 * left out and named: a report that lacks something is worth more than a failover that is held for it.
 */
export const report: PerformStep<ReportDeps> = async (context, deadline, deps) => {
  const { execution, call } = context
  const records = [...(await deps.ledger.steps(execution.name, deadline)).values()]
  const troubles: string[] = []
  const topics = await unless(troubles, () => topicsAtBoundary(context, deadline, deps))
  const places = (await unless(troubles, () => groupPlaces(deadline, deps))) ?? []
  const { ending = 'done', stoppedAt, decisions = [] } = call
  const made = failoverReport({
    ...subjectOf(deps.order),
    execution: { name: execution.name, arn: execution.arn, startedAt: execution.startedAt },
    input: execution.input,
    ending,
    ...(stoppedAt && { stoppedAt }),
    decisions,
    records,
    ...(topics && topics.length > 0 && { topics }),
    places,
    troubles,
  })
  const documents = { json: `${JSON.stringify(made, undefined, 2)}\n`, page: reportPage(made) }
  const kept = await deps.reports.keep(execution.name, documents, deadline)
  const { totalMs, rtoMs, ownMs } = made.times
  const times = { totalMs, ...(rtoMs !== undefined && { rtoMs }), ...(ownMs !== undefined && { ownMs }) }
  const message = `${ending} in ${Math.round(totalMs / 1_000)} s; the report is ${kept.page}`
  return { outcome: 'done', message, data: { report: kept.json }, facts: { ending, ...times, ...kept } }
}

const subjectOf = ({ installation, pair, from, to, reverse }: FailoverOrder) => ({
  installation,
  pair,
  from: clusterOf(from),
  to: clusterOf(to),
  ...(reverse && { back: { region: reverse.failover.region, machine: reverse.failover.machine } }),
})

const clusterOf = ({ cluster, region }: FailoverCluster) => ({ cluster, region })

/** In a drill there is no boundary, and before that step neither. */
const topicsAtBoundary = async (
  { execution }: StepContext,
  deadline: Deadline,
  { forward }: ReportDeps,
): Promise<readonly string[]> =>
  (await forward.boundary.topics(execution.name, deadline)).map(({ topic }) => topic).sort()

const groupPlaces = async (deadline: Deadline, { forward }: ReportDeps): Promise<readonly GroupPlace[]> => {
  const places = publishedPlaces(await forward.groups.records(deadline))
  return places
    .map(
      ({ group, targetTopic, partition, published }): GroupPlace => ({
        group,
        topic: targetTopic,
        partition,
        before: published.source.toString(),
        after: published.target.toString(),
      }),
    )
    .sort(byName)
}

const byName = (one: GroupPlace, other: GroupPlace): number =>
  one.group.localeCompare(other.group) || one.topic.localeCompare(other.topic) || one.partition - other.partition

const unless = async <Found>(troubles: string[], read: () => Promise<Found>): Promise<Found | undefined> => {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ReplicationError)) throw error
    troubles.push(error.message)
    return undefined
  }
}
