import { failoverBoundary } from '../../shared/adapters/dynamodb/failover-boundary.ts'
import { failoverPairState } from '../../shared/adapters/dynamodb/failover-pair-state.ts'
import { failoverPending } from '../../shared/adapters/dynamodb/failover-pending.ts'
import { failoverQuestions } from '../../shared/adapters/dynamodb/failover-questions.ts'
import { failoverStepLedger } from '../../shared/adapters/dynamodb/failover-step-ledger.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { failoverTableContract } from '../support/failover-table-contract.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()

failoverTableContract('the failover table in DynamoDB', async (initial) => {
  const table = new LinkTable({ client: client(), name: await newTable() })
  return {
    pair: failoverPairState(table, initial),
    ledger: failoverStepLedger(table),
    pending: failoverPending(table),
    boundary: failoverBoundary(table),
    questions: failoverQuestions(table),
  }
})
