import { gapLedger } from '../../shared/adapters/dynamodb/gap-ledger.ts'
import { holeConfirmation } from '../../shared/adapters/dynamodb/hole-confirmation.ts'
import { linkControl } from '../../shared/adapters/dynamodb/link-control.ts'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { offsetMapPages } from '../../shared/adapters/dynamodb/offset-map-pages.ts'
import { pageRemoval } from '../../shared/adapters/dynamodb/page-removal.ts'
import { linkStateContract } from '../support/link-state-contract.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()

linkStateContract('the link state in DynamoDB', async (options) => {
  const table = new LinkTable({ client: client(), name: await newTable(), ...options })
  const confirming = holeConfirmation(table)
  const pages = { ...offsetMapPages(table), ...pageRemoval(table) }
  return { ...linkState(table), ...pages, ...gapLedger(table), ...linkControl(table), ...confirming }
})
