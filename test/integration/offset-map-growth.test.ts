import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { beforeAll, describe, expect, it } from 'vitest'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { offsetMapPages } from '../../shared/adapters/dynamodb/offset-map-pages.ts'
import type { Head } from '../../shared/domain/head.ts'
import { extendRuns, seal } from '../../shared/domain/offset-map.ts'
import type { Run } from '../../shared/domain/run.ts'
import { translateCommitted, translateCommittedBack } from '../../shared/usecases/offset-map/translate.ts'
import type { LinkState } from '../../shared/usecases/ports.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()

const ORDERS = { topic: 'orders', partition: 0 }
const INCARNATION = 'AAAAAAAAAAAAAAAAAAAAAA'
const DEADLINE = { at: Number.POSITIVE_INFINITY, signal: new AbortController().signal }
/** Targets begin elsewhere than sources, so that the two cannot be mixed up unnoticed. */
const TARGET_START = 1_000_000n

/** Every second offset is a hole. */
const runAt = (index: number): Run => ({ source: BigInt(2 * index), target: TARGET_START + BigInt(index), length: 1n })

/** By the operation of the API, where they leave the client. */
const countRequests = ({ config: { requestHandler } }: DynamoDBClient): { readonly of: Map<string, number> } => {
  const of = new Map<string, number>()
  const handle = requestHandler.handle.bind(requestHandler)
  requestHandler.handle = (request, options) => {
    const [, operation = ''] = (request.headers['x-amz-target'] ?? '').split('.')
    of.set(operation, (of.get(operation) ?? 0) + 1)
    return handle(request, options)
  }
  return { of }
}

const headAfter = (head: Head | undefined, openRuns: readonly Run[], placed: readonly Run[]): Head => {
  const last = placed.at(-1) ?? runAt(0)
  const nothing = { last: undefined, unverifiedFrom: undefined, epoch: 0, updatedAt: head?.updatedAt ?? 0 }
  const ends = { nextSource: last.source + 2n, nextTarget: last.target + 1n }
  return { incarnation: INCARNATION, ...ends, ...nothing, openRuns: extendRuns(openRuns, placed) }
}

/** Replicates `runs` runs, so many a batch; returns the head. */
const grow = async (state: LinkState, runs: number, perBatch: number): Promise<Head | undefined> => {
  let head: Head | undefined
  for (let done = 0; done < runs; done += perBatch) {
    const placed = Array.from({ length: Math.min(perBatch, runs - done) }, (_, at) => runAt(done + at))
    const { pages, openRuns } = seal(head)
    if (pages.length > 0) await state.seal(ORDERS, pages, DEADLINE)
    const to = headAfter(head, openRuns, placed)
    expect(await state.advance(ORDERS, head, to, DEADLINE)).toBe('advanced')
    head = to
  }
  return head
}

describe('an offset map that grows', () => {
  it('costs one write a batch, and one more for some hundreds of runs', async () => {
    const counted = client()
    const { of } = countRequests(counted)
    const batches = 1_000
    const runsPerBatch = 10
    const state = linkState(new LinkTable({ client: counted, name: await newTable() }))
    await grow(state, batches * runsPerBatch, runsPerBatch)
    const pages = (of.get('PutItem') ?? 0) - batches
    expect(pages).toBeGreaterThan(0)
    expect((batches * runsPerBatch) / pages).toBeGreaterThan(200)
  })

  describe.each([
    [1, 1],
    [1_000, 20],
    [100_000, 2_000],
  ])('to %i runs', (runs, perBatch) => {
    let name: string
    let head: Head | undefined
    beforeAll(async () => {
      name = await newTable()
      head = await grow(linkState(new LinkTable({ client: client(), name })), runs, perBatch)
    })

    it.each([0, 0.01, 0.5, 0.9, 0.999])(
      'is translated exactly, both ways, by at most two reads at %d',
      async (part) => {
        const counted = client()
        const { of } = countRequests(counted)
        const map = { partition: ORDERS, head, pages: offsetMapPages(new LinkTable({ client: counted, name })) }
        const index = Math.floor(runs * part)
        const { source, target } = runAt(index)
        const forth = await translateCommitted(map, { incarnation: INCARNATION, offset: source }, DEADLINE)
        expect(forth).toEqual({ kind: 'exact', target })
        const inTheHole = await translateCommitted(map, { incarnation: INCARNATION, offset: source + 1n }, DEADLINE)
        expect(inTheHole).toEqual({ kind: 'exact', target: target + 1n })
        expect(of.get('Query') ?? 0).toBeLessThanOrEqual(2)
        const back = await translateCommittedBack(map, { incarnation: INCARNATION, offset: target + 1n }, DEADLINE)
        expect(back).toEqual({ kind: 'exact', source: source + 1n })
        expect(of.get('Query') ?? 0).toBeLessThanOrEqual(3)
      },
    )

    it('says what comes before it by two reads', async () => {
      const counted = client()
      const { of } = countRequests(counted)
      const map = { partition: ORDERS, head, pages: offsetMapPages(new LinkTable({ client: counted, name })) }
      const before = { incarnation: INCARNATION, offset: TARGET_START - 5n }
      const back = await translateCommittedBack(map, before, DEADLINE)
      expect(back).toEqual({ kind: 'before-start', source: 0n, missing: 5n })
      expect(of.get('Query') ?? 0).toBeLessThanOrEqual(2)
    })
  })
})
