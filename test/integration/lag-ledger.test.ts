import { expect, it } from 'vitest'
import { lagLedger } from '../../shared/adapters/dynamodb/lag-ledger.ts'
import { lease } from '../../shared/adapters/dynamodb/lease.ts'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { partitionName } from '../../shared/domain/record.ts'
import { inTime } from '../support/in-time.ts'
import { lagLedgerContract } from '../support/lag-ledger-contract.ts'
import { leaseContract } from '../support/lease-contract.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()
const open = async () => new LinkTable({ client: client(), name: await newTable() })

lagLedgerContract('the lag ledger in DynamoDB', async () => lagLedger(await open()))
leaseContract('the lease in DynamoDB', async () => lease(await open(), 'measure-lag'))

it.each([1, 1_300])(
  'tells who begins with one of %i partitions where its log began at the first look',
  async (count) => {
    const table = await open()
    const state = linkState(table)
    const [first, last] = [0, count - 1].map((partition) => ({ topic: 'orders', partition }))
    if (first === undefined || last === undefined) throw new RangeError('no partitions')
    expect(await state.firstStart(last, 'life', inTime())).toBeUndefined()
    const looks = Array.from({ length: count }, (_, partition) => ({
      ...{ topic: 'orders', partition, incarnation: 'life', at: 9, start: 8n, end: 9n, starts: [], rises: [] },
      ...(partition === last.partition ? { firstStart: 3n } : { checkpoint: 8n }),
    }))
    await lagLedger(table).remember({ at: 9, looks: new Map(looks.map((one) => [partitionName(one), one])) }, inTime())
    expect(await state.firstStart(last, 'life', inTime())).toBe(3n)
    expect(await state.firstStart(last, 'other life', inTime())).toBeUndefined()
    if (count > 1) expect(await state.firstStart(first, 'life', inTime())).toBeUndefined()
    const both = await Promise.all([last, last].map((one) => state.firstStart(one, 'life', inTime())))
    expect(both).toEqual([3n, 3n])
  },
)
