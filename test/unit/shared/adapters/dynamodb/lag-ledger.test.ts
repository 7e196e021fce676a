import { Readable } from 'node:stream'
import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import { expect, it } from 'vitest'
import { lagLedger } from '../../../../../shared/adapters/dynamodb/lag-ledger.ts'
import { LinkTable } from '../../../../../shared/adapters/dynamodb/link-table.ts'
import { type Rise, thinned, withLook } from '../../../../../shared/domain/lag/end-history.ts'
import { risesEach } from '../../../../../shared/domain/lag/lag-memory.ts'
import type { PartitionLook } from '../../../../../shared/domain/lag/partition-look.ts'
import { partitionName } from '../../../../../shared/domain/record.ts'
import { inTime } from '../../../../support/in-time.ts'

const BEGIN = 1_790_000_000_000
const EVERY_MS = 10_000
const START = 50_000_000_000n
/** What DynamoDB takes, as it counts: names and values of attributes, and some bytes for each value of a list. */
const MOST_BYTES = 400 * 1_024

/** A table that takes everything; what is told is the request as it goes to DynamoDB, with bytes as base64. */
const tableThatIsTold = (tell: (request: { readonly Item?: Record<string, AttributeValue> }) => void): LinkTable => {
  const handle = async ({ body }: HttpRequest) => {
    tell(JSON.parse(body))
    return { response: new HttpResponse({ statusCode: 200, body: Readable.from([Buffer.from('{}')]) }) }
  }
  const credentials = { accessKeyId: 'anybody', secretAccessKey: 'anything' }
  const client = new DynamoDBClient({ region: 'eu-central-1', credentials, requestHandler: { handle } as never })
  return new LinkTable({ client, name: 'table' })
}

const sizeOf = ({ S, N, B, L }: AttributeValue): number =>
  1 +
  (S?.length ?? 0) +
  (N?.length ?? 0) +
  Buffer.byteLength(`${B ?? ''}`, 'base64') +
  (L ?? []).reduce((sum, one) => sum + sizeOf(one), 3)

/** Hours of lag at 10,000 records a second. */
const lagging = (partitions: number, hours: number): readonly PartitionLook[] => {
  let rises: readonly Rise[] = []
  let before = { at: BEGIN, end: START }
  for (let look = 0; look < hours * 360; look++) {
    const seen = { at: before.at + EVERY_MS, end: before.end + 100_000n }
    rises = thinned(withLook(rises, before, seen), seen.at, risesEach(partitions))
    before = seen
  }
  const starts = Array.from({ length: 16 }, (_, move) => ({ at: BEGIN + move, start: START + BigInt(move) }))
  return Array.from({ length: partitions }, (_, at) => ({
    topic: `${at}`.padEnd(200, '-'),
    partition: 0,
    incarnation: 'A'.repeat(22),
    start: START,
    checkpoint: START,
    starts,
    rises,
    ...before,
  }))
}

it.each([
  [1, 20],
  [12, 20],
  [25, 20],
  [100, 12],
  [250, 12],
  [500, 12],
  [2_000, 12],
])('the lag of %i partitions that all stand still for %i hours fits into items of the table', async (count, hours) => {
  const sizes: number[] = []
  const table = tableThatIsTold(({ Item = {} }) => {
    sizes.push(Object.entries(Item).reduce((sum, [name, value]) => sum + name.length + sizeOf(value), 0))
  })
  const looks = new Map(lagging(count, hours).map((look) => [partitionName(look), look]))
  expect(await lagLedger(table).remember({ at: BEGIN, looks }, inTime())).toBe('remembered')
  expect(Math.max(...sizes)).toBeLessThan(MOST_BYTES)
})
