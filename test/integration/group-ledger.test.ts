import { groupLedger } from '../../shared/adapters/dynamodb/group-ledger.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { groupLedgerContract } from '../support/group-ledger-contract.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()

groupLedgerContract('the group ledger in DynamoDB', async () =>
  groupLedger(new LinkTable({ client: client(), name: await newTable() })),
)
