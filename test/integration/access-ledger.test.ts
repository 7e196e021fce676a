import { accessLedger } from '../../shared/adapters/dynamodb/access-ledger.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { accessLedgerContract } from '../support/access-ledger-contract.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()

accessLedgerContract('the registry of rights in DynamoDB', async () =>
  accessLedger(new LinkTable({ client: client(), name: await newTable() })),
)
