import { expect, it } from 'vitest'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { topicLedger } from '../../shared/adapters/dynamodb/topic-ledger.ts'
import { inTime } from '../support/in-time.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'
import { topicLedgerContract } from '../support/topic-ledger-contract.ts'

const { client, newTable } = dynamoDbForTests()

it('tells who replicates which life of a topic is followed', async () => {
  const table = new LinkTable({ client: client(), name: await newTable() })
  const record = { incarnation: 'life-2', targetTopic: 'west.orders', paused: false, restarting: false }
  expect(await linkState(table).followedLife('orders', inTime())).toBeUndefined()
  await topicLedger(table).remember('orders', undefined, record, inTime())
  expect(await linkState(table).followedLife('orders', inTime())).toBe('life-2')
  const state = linkState(table)
  const both = ['orders', 'orders', 'orders.eu'].map((topic) => state.followedLife(topic, inTime()))
  expect(await Promise.all(both)).toEqual(['life-2', 'life-2', undefined])
})

topicLedgerContract('the topic ledger in DynamoDB', async () =>
  topicLedger(new LinkTable({ client: client(), name: await newTable() })),
)
