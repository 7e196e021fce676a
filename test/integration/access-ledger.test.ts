import { accessLedger } from '../../shared/adapters/dynamodb/access-ledger.ts'
import { FENCES_KEY } from '../../shared/adapters/dynamodb/item-keys.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { accessLedgerContract } from '../support/access-ledger-contract.ts'
import { inTime } from '../support/in-time.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()

accessLedgerContract('the registry of rights in DynamoDB', async () =>
  accessLedger(new LinkTable({ client: client(), name: await newTable() })),
)

accessLedgerContract('the registry of denials in DynamoDB, in a table that holds rights as well', async () => {
  const table = new LinkTable({ client: client(), name: await newTable() })
  await accessLedger(table).remember({ kind: 'quota', quota: { user: 'app', key: 'request_percentage' } }, inTime())
  return accessLedger(table, FENCES_KEY)
})
