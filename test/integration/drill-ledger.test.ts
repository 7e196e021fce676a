import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, it } from 'vitest'
import { failoverStates } from '../../infra/constructs/failover-states.ts'
import { drillLedger } from '../../shared/adapters/dynamodb/drill-ledger.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { evaluated } from '../support/asl-queries.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()
const DEADLINE = { at: Number.POSITIVE_INFINITY, signal: new AbortController().signal }

it('remembers since when there was none, and what the state machine notes', async () => {
  const name = await newTable()
  const ledger = drillLedger(new LinkTable({ client: client(), name }))
  expect(await ledger.drills(1_000, DEADLINE)).toEqual({ since: 1_000 })
  expect(await ledger.drills(2_000, DEADLINE)).toEqual({ since: 1_000 })
  await note(name, 5_000)
  expect(await ledger.drills(6_000, DEADLINE)).toEqual({ since: 1_000, last: 5_000 })
  await note(name, 7_000)
  expect(await ledger.drills(8_000, DEADLINE)).toEqual({ since: 1_000, last: 7_000 })
})

it('takes the first drill for the beginning, when nobody has looked before', async () => {
  const name = await newTable()
  await note(name, 5_000)
  expect(await drillLedger(new LinkTable({ client: client(), name })).drills(9_000, DEADLINE)).toEqual({
    ...{ since: 5_000, last: 5_000 },
  })
})

/** As the state machine does. */
const note = async (tableName: string, now: number): Promise<void> => {
  const { Drilled } = failoverStates({ functionName: 'steps', tableName, approvalSeconds: 60 }).States
  if (Drilled?.Type !== 'Task') throw new Error('the machine notes no drill')
  const input = await evaluated(Drilled.Arguments, { states: {}, variables: {}, now })
  await client().send(new UpdateItemCommand(input as UpdateItemCommand['input']))
}
