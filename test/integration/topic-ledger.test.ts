import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { topicLedger } from '../../shared/adapters/dynamodb/topic-ledger.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'
import { topicLedgerContract } from '../support/topic-ledger-contract.ts'

const { client, newTable } = dynamoDbForTests()

topicLedgerContract('the topic ledger in DynamoDB', async () =>
  topicLedger(new LinkTable({ client: client(), name: await newTable() })),
)
