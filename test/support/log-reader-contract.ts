import { beforeAll, describe, expect, it } from 'vitest'
import type { Codec } from '../../local/check/record-compression.ts'
import { AWKWARD_CODECS, awkwardBatches, type CorpusRecord } from '../../local/corpus/corpus-records.ts'
import type { LogRecord, RecordlessStretch } from '../../shared/domain/log-record.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import type { Isolation, LogReader } from '../../shared/usecases/log-ports.ts'
import { inTime } from './in-time.ts'

/** What is needed to hold a `LogReader` to its contract. */
export interface LogWorld {
  readonly reader: LogReader
  createTopic(topic: string, partitions: number): Promise<void>
  /** One batch. */
  append(partition: PartitionId, records: readonly CorpusRecord[], codec?: Codec): Promise<void>
  /** Records without headers, one after the other, in one transaction. */
  appendTransaction(partition: PartitionId, end: 'commit' | 'abort' | 'open', values: readonly string[]): Promise<void>
  deleteBelow(partition: PartitionId, offset: bigint): Promise<void>
}

const MAX_BYTES = 64 * 1024
const NOW = 1_790_000_000_000

const valued = (value: string, timestamp = NOW): CorpusRecord => ({
  timestamp,
  key: Buffer.from('key'),
  value: Buffer.from(value),
  headers: [],
})

const textOf = ({ value }: LogRecord): string => Buffer.from(value ?? []).toString()

const asProduced = ({ timestamp, key, value, headers }: CorpusRecord) => ({
  timestamp,
  key: key && Buffer.from(key),
  value: value && Buffer.from(value),
  headers: headers.map((header) => ({
    name: Buffer.from(header.name),
    value: header.value && Buffer.from(header.value),
  })),
})

/** Everything from `from` on, in as many reads as it takes; checks what holds for each of them. */
export const readOn = async (
  reader: LogReader,
  partition: PartitionId,
  from: bigint,
  isolation: Isolation = 'committed',
  maxBytes = MAX_BYTES,
): Promise<{ records: LogRecord[]; recordless: RecordlessStretch[]; next: bigint; reads: number }> => {
  const records: LogRecord[] = []
  const recordless: RecordlessStretch[] = []
  let next = from
  for (let reads = 1; ; reads++) {
    const read = await reader.read(partition, next, { maxBytes, isolation }, inTime())
    if (read.kind !== 'read')
      throw new Error(`nothing to read at ${next}: the log is ${read.edges.start} to ${read.edges.end}`)
    for (const { offset } of read.records) {
      expect(offset).toBeGreaterThanOrEqual(next)
      expect(offset).toBeLessThan(read.next)
    }
    records.push(...read.records)
    recordless.push(...read.recordless)
    if (read.next === next) return { records, recordless, next, reads }
    next = read.next
  }
}

/** The sentences that hold for every `LogReader` of a source. */
export const describeLogReader = (name: string, open: () => Promise<LogWorld>) =>
  describe(`${name} keeps the contract of a log reader`, () => {
    let world: LogWorld
    beforeAll(async () => {
      world = await open()
    })

    it('tells that there is nothing in an empty partition', async () => {
      await world.createTopic('empty', 1)
      const empty = { topic: 'empty', partition: 0 }
      const { reader } = world
      expect((await reader.edges([empty], inTime())).get('empty-0')).toEqual({ start: 0n, stableEnd: 0n, end: 0n })
      expect(await reader.newest([empty], inTime())).toEqual(new Map([['empty-0', undefined]]))
      expect(await reader.firstSince([empty], 0, inTime())).toEqual(new Map([['empty-0', undefined]]))
      const read = await reader.read(empty, 0n, { maxBytes: MAX_BYTES, isolation: 'committed' }, inTime())
      expect(read).toEqual({ kind: 'read', records: [], recordless: [], next: 0n })
    })

    it('reads every byte of awkward records, in every codec that Kafka has', async () => {
      await world.createTopic('codecs', AWKWARD_CODECS.length)
      const batches = awkwardBatches(7, NOW)
      for (const [partition, codec] of AWKWARD_CODECS.entries()) {
        const id = { topic: 'codecs', partition }
        for (const batch of batches) await world.append(id, batch, codec)
        const { records } = await readOn(world.reader, id, 0n)
        expect(records.map(({ offset: _, ...record }) => asProduced(record as CorpusRecord))).toEqual(
          batches.flat().map(asProduced),
        )
        expect(records.map(({ offset }) => Number(offset))).toEqual([...records.keys()])
      }
    })

    it('begins in the middle of a batch, and brings at least one batch however little it may', async () => {
      await world.createTopic('middle', 1)
      const middle = { topic: 'middle', partition: 0 }
      await world.append(
        middle,
        ['a', 'b', 'c'].map((value) => valued(value)),
      )
      await world.append(
        middle,
        ['d', 'e'].map((value) => valued(value)),
        'zstd',
      )
      const { records, next } = await readOn(world.reader, middle, 1n, 'committed', 1)
      expect(records.map(textOf)).toEqual(['b', 'c', 'd', 'e'])
      expect(next).toBe(5n)
    })

    const TRANSACTIONS = { topic: 'decided', partition: 0 }
    it('leaves out what was aborted, marks it, or cannot tell, as it was asked to', async () => {
      await world.createTopic('decided', 1)
      await world.append(TRANSACTIONS, [valued('plain')])
      await world.appendTransaction(TRANSACTIONS, 'commit', ['kept 1', 'kept 2'])
      await world.appendTransaction(TRANSACTIONS, 'abort', ['dropped 1', 'dropped 2'])
      await world.appendTransaction(TRANSACTIONS, 'commit', ['kept 3'])
      const [committed, marked, uncommitted] = [
        await readOn(world.reader, TRANSACTIONS, 0n, 'committed'),
        await readOn(world.reader, TRANSACTIONS, 0n, 'marked'),
        await readOn(world.reader, TRANSACTIONS, 0n, 'uncommitted'),
      ]
      const all = ['plain', 'kept 1', 'kept 2', 'dropped 1', 'dropped 2', 'kept 3']
      expect(committed.records.map(textOf)).toEqual(all.filter((value) => !value.startsWith('dropped')))
      expect(committed.recordless.filter(({ kind }) => kind === 'aborted').map(({ from }) => from)).toContain(4n)
      expect(marked.records.map(textOf)).toEqual(all)
      expect(marked.records.filter(({ aborted }) => aborted).map(({ offset }) => offset)).toEqual([4n, 5n])
      expect(uncommitted.records.map(textOf)).toEqual(all)
      expect(uncommitted.records.some(({ aborted }) => aborted)).toBe(false)
      for (const { recordless, next } of [committed, marked, uncommitted]) {
        expect(recordless.filter(({ kind }) => kind === 'marker').map(({ from }) => from)).toEqual([3n, 6n, 8n])
        expect(next).toBe(9n)
      }
    })

    it('knows what was aborted also when it begins amidst it', async () => {
      const { records } = await readOn(world.reader, TRANSACTIONS, 5n, 'marked')
      expect(records.map((record) => [record.offset, record.aborted])).toEqual([
        [5n, true],
        [7n, undefined],
      ])
    })

    it('ends before an open transaction, unless what is not decided is asked for', async () => {
      await world.createTopic('open', 1)
      const open = { topic: 'open', partition: 0 }
      await world.append(open, [valued('plain')])
      await world.appendTransaction(open, 'open', ['undecided'])
      await world.append(open, [valued('behind')])
      expect((await world.reader.edges([open], inTime())).get('open-0')).toEqual({ start: 0n, stableEnd: 1n, end: 3n })
      expect((await readOn(world.reader, open, 0n, 'committed')).records.map(textOf)).toEqual(['plain'])
      const { records, next } = await readOn(world.reader, open, 0n, 'uncommitted')
      expect([records.map(textOf), next]).toEqual([['plain', 'undecided', 'behind'], 3n])
    })

    it('says where the log is, when there is nothing where it shall read', async () => {
      await world.createTopic('trimmed', 1)
      const trimmed = { topic: 'trimmed', partition: 0 }
      for (const value of ['a', 'b', 'c', 'd']) await world.append(trimmed, [valued(value)])
      await world.deleteBelow(trimmed, 2n)
      const edges = { start: 2n, stableEnd: 4n, end: 4n }
      const limits = { maxBytes: MAX_BYTES, isolation: 'committed' } as const
      for (const offset of [0n, 1n, 5n])
        expect(await world.reader.read(trimmed, offset, limits, inTime())).toEqual({ kind: 'out-of-range', edges })
      expect((await readOn(world.reader, trimmed, 2n)).records.map(textOf)).toEqual(['c', 'd'])
      expect((await readOn(world.reader, trimmed, 4n)).records).toEqual([])
    })

    it('finds records by their time', async () => {
      await world.createTopic('times', 1)
      const times = { topic: 'times', partition: 0 }
      for (const ms of [10, 40, 20, 30]) await world.append(times, [valued(`${ms}`, NOW + ms)])
      const newest = await world.reader.newest([times], inTime())
      expect(newest.get('times-0')).toEqual({ offset: 1n, timestamp: NOW + 40 })
      const since = async (ms: number) => (await world.reader.firstSince([times], NOW + ms, inTime())).get('times-0')
      expect([await since(0), await since(11), await since(40), await since(41)]).toEqual([0n, 1n, 1n, undefined])
    })

    it('answers for many partitions at once, and a topic that is unknown spoils no other', async () => {
      await world.createTopic('many', 6)
      for (const [partition, count] of [3, 0, 1, 2, 0, 5].entries())
        for (let at = 0; at < count; at++) await world.append({ topic: 'many', partition }, [valued(`${at}`)])
      const asked = [
        ...Array.from({ length: 7 }, (_, partition) => ({ topic: 'many', partition })),
        { topic: 'unheard-of', partition: 0 },
      ]
      const edges = await world.reader.edges(asked, inTime())
      expect([...edges].map(([partition, answer]) => [partition, 'end' in answer ? answer.end : answer.code])).toEqual([
        ['many-0', 3n],
        ['many-1', 0n],
        ['many-2', 1n],
        ['many-3', 2n],
        ['many-4', 0n],
        ['many-5', 5n],
        ['many-6', 'SOURCE_TOPIC_UNKNOWN'],
        ['unheard-of-0', 'SOURCE_TOPIC_UNKNOWN'],
      ])
    })
  })
