import type { FailoverLink, FailoverOrder } from '../domain/failover/failover-order.ts'
import type { PendingDebts } from '../domain/failover/pending-debts.ts'
import { kafkaAccess } from '../domain/kafka-access.ts'
import { failoverBucketName } from '../domain/link-names.ts'
import type { AwsPlace } from '../domain/secret-reference.ts'
import type { AskDeps } from '../usecases/failover/ask-operator.ts'
import type { DataDeps } from '../usecases/failover/data-deps.ts'
import type { CoreDeps } from '../usecases/failover/failover-deps.ts'
import type { StepLedger } from '../usecases/failover/failover-ports.ts'
import type { FencingDeps } from '../usecases/failover/fence.ts'
import type { PlacingDeps } from '../usecases/failover/place-at-promotion.ts'
import type { ReportDeps } from '../usecases/failover/report.ts'
import { settleReverse } from '../usecases/failover/settle-reverse.ts'
import { writeGate } from '../usecases/failover/switch-clients.ts'
import type { Deadline } from '../usecases/ports.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { failoverBoundary } from './dynamodb/failover-boundary.ts'
import { failoverPairState } from './dynamodb/failover-pair-state.ts'
import { failoverPending } from './dynamodb/failover-pending.ts'
import { failoverQuestions } from './dynamodb/failover-questions.ts'
import { failoverStepLedger } from './dynamodb/failover-step-ledger.ts'
import { groupLedger } from './dynamodb/group-ledger.ts'
import { linkState } from './dynamodb/link-state.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { pageRemoval } from './dynamodb/page-removal.ts'
import { tailLedger } from './dynamodb/tail-ledger.ts'
import { topicLedger } from './dynamodb/topic-ledger.ts'
import { connectFailoverData } from './failover-data-connections.ts'
import { KafkaGroupPositions } from './kafka/kafka-group-positions.ts'
import { ControlPlane, createControlPlaneClient } from './lambda/control-plane.ts'
import { fenceFunction } from './lambda/fence-function.ts'
import { mappingSwitch } from './lambda/mapping-control.ts'
import { s3ReportStore } from './s3/report-store.ts'
import { createS3Client } from './s3/s3-client.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'
import { stateMachineExecutions } from './sfn/executions.ts'

/** What all steps of a failover need together. */
export type FailoverDeps = CoreDeps & DataDeps & FencingDeps & PlacingDeps & ReportDeps & Omit<AskDeps, 'asked'>

export interface FailoverConnections {
  readonly ledger: StepLedger
  readonly deps: FailoverDeps
  close(): void
}

const DAY_MS = 86_400_000

/** Everything that a failover along one link needs; nothing is connected before it is used. `place`: where it runs. */
export const connectFailover = (order: FailoverOrder, place: AwsPlace): FailoverConnections => {
  const { close, reverse: _, ...data } = connectFailoverData(order, place)
  const { forward, reverse } = order
  const table = tableOf(forward)
  const executions = stateMachineExecutions()
  const { region, fence } = forward.failover
  const fencing = fenceFunction({ region, name: fence, stack: fence })
  const groups = reverse && groupsOf(reverse, place)
  const ledger = failoverStepLedger(table)
  const s3 = createS3Client({ region })
  return {
    ledger,
    deps: {
      ...data,
      ledger,
      reports: s3ReportStore(s3, failoverBucketName(forward.order.link, place.account)),
      forward: {
        ...data.forward,
        ...linkOf(forward),
        state: { ...data.forward.state, ...linkState(table) },
        boundary: failoverBoundary(table),
        groups: groupLedger(table),
        tails: tailLedger(table),
      },
      ...(reverse && groups && { reverse: { ...linkOf(reverse), groups } }),
      executions,
      fencing,
      gate: writeGate({ order, fencing }, (mode, deadline) => grantHeld(data, mode, deadline)),
      questions: failoverQuestions(table),
    },
    close: () => {
      close()
      executions.close()
      s3.destroy()
      groups?.close()
    },
  }
}

/** What begins the link back once its cluster has been met again, for whoever settles what a failover owes. */
export const connectTurnBack = (order: FailoverOrder, place: AwsPlace) => {
  const { deps, close } = connectFailover(order, place)
  const turnBack = (debts: PendingDebts, deadline: Deadline) => settleReverse(debts, deadline, deps)
  return { turnBack, close }
}

const tableOf = ({ table, order }: FailoverLink): LinkTable =>
  new LinkTable({
    client: createDynamoDbClient({ region: table.region }),
    name: table.name,
    retentionMs: order.link.mapRetentionDays * DAY_MS,
    initialMode: order.link.initialMode,
  })

/** What the table of a link keeps, and its pollers. */
const linkOf = (link: FailoverLink) => {
  const table = tableOf(link)
  const { installation, name, topics: stackTopics } = link.order.link
  const plane = new ControlPlane(createControlPlaneClient({ region: link.functions.region }))
  const owner = { installation, name, functionName: link.functions.replicate, stackTopics }
  return {
    pair: failoverPairState(table, table.initialStatus),
    state: linkState(table),
    pages: pageRemoval(table),
    pending: failoverPending(table),
    topics: topicLedger(table),
    mappings: mappingSwitch(plane, owner),
  }
}

/** Of its pollers, on its source. */
const groupsOf = ({ order }: FailoverLink, place: AwsPlace): KafkaGroupPositions =>
  new KafkaGroupPositions(kafkaAccess(order.link.source), { secrets: new SecretsManager(place.region) })

/** Rights that were held back while the cluster was the standby. */
const grantHeld = async (
  { functions }: Pick<DataDeps, 'functions'>,
  mode: 'apply' | 'grant',
  deadline: Deadline,
): Promise<string> => {
  const pass = await functions.access(mode, deadline)
  if (pass === undefined) return 'no rights follow on this link'
  const doubts = [...pass.faulted, ...pass.troubles]
  const but = doubts.length === 0 ? '' : `; look at the rights: ${doubts.join('; ')}`
  return `the rights that were held back are granted${but}`
}
