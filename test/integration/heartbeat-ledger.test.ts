import { heartbeatLedger } from '../../shared/adapters/dynamodb/heartbeat-ledger.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { heartbeatLedgerContract } from '../support/heartbeat-ledger-contract.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()

heartbeatLedgerContract('the ledger of beats in DynamoDB', async () =>
  heartbeatLedger(new LinkTable({ client: client(), name: await newTable() })),
)
