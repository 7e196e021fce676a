import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { tailLedger } from '../../shared/adapters/dynamodb/tail-ledger.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'
import { tailLedgerContract } from '../support/tail-ledger-contract.ts'

const { client, newTable } = dynamoDbForTests()

tailLedgerContract('the memory of stranded tails in DynamoDB', async () =>
  tailLedger(new LinkTable({ client: client(), name: await newTable() })),
)
