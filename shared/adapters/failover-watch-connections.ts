import type { FailoverLink } from '../domain/failover/failover-order.ts'
import type { WatchDeps } from '../usecases/failover/watch-failover.ts'
import { drillLedger } from './dynamodb/drill-ledger.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { failoverPairState } from './dynamodb/failover-pair-state.ts'
import { failoverQuestions } from './dynamodb/failover-questions.ts'
import { failoverStepLedger } from './dynamodb/failover-step-ledger.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { stateMachineExecutions } from './sfn/executions.ts'

/** What looks after the failovers along a link needs its table, and to ask who runs. */
export const connectFailoverWatch = ({ table: { name, region }, order }: FailoverLink): WatchDeps => {
  const table = new LinkTable({
    client: createDynamoDbClient({ region }),
    name,
    initialMode: order.link.initialMode,
  })
  return {
    pair: failoverPairState(table, table.initialStatus),
    ledger: failoverStepLedger(table),
    questions: failoverQuestions(table),
    executions: stateMachineExecutions(),
    drills: drillLedger(table),
    clock: Date,
  }
}
