import { expect, it } from 'vitest'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { verificationLedger } from '../../shared/adapters/dynamodb/verification-ledger.ts'
import { inTime } from '../support/in-time.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()

it('what verification found last is kept, and the later look stays', async () => {
  const ledger = verificationLedger(new LinkTable({ client: client(), name: await newTable() }))
  expect(await ledger.read(inTime())).toBeUndefined()
  for (const [at, differences] of [
    [5, 3],
    [7, 0],
    [6, 9],
    [7, 1],
  ] as const)
    await ledger.remember({ at, differences }, inTime())
  expect(await ledger.read(inTime())).toEqual({ at: 7, differences: 1 })
})
