import { describe, expect, it } from 'vitest'
import { TooLargeAtOnce } from '../../../../../../shared/adapters/kafka/fetched/unpacked-bytes.ts'
import { visibleContent } from '../../../../../../shared/adapters/kafka/fetched/visible-content.ts'
import { crc32c } from '../../../../../../shared/domain/crc32c.ts'
import type { LogContent } from '../../../../../../shared/domain/log-record.ts'
import { endMarker, type LogBatchInput, logBatch } from '../../../../../support/log-batches.ts'

const MEBIBYTE = 1024 ** 2
const CHECKSUM_AT = 17
const ATTRIBUTES_AT = 21

/** With the checksum that a broker keeps. */
const sealed = (batch: Buffer): Buffer => {
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT, batch.length), CHECKSUM_AT)
  return batch
}
const batch = (input: LogBatchInput): Buffer => sealed(logBatch(input))
const sized = (count: number, bytes: number) =>
  Array.from({ length: count }, () => ({ value: Buffer.alloc(bytes, 'x') }))

/** What each piece holds; the pieces themselves are let go, as whoever reads a log does. */
const pieces = async (from: bigint, ...batches: readonly Buffer[]) => {
  const found: (Pick<LogContent, 'next'> & { records: number; first: bigint | undefined; bytes: number })[] = []
  const fetched = { bytes: Buffer.concat(batches), aborted: [] }
  for await (const { records, next } of visibleContent(from, fetched, 'committed')) {
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
    found.push({ next, records: records.length, first: records[0]?.offset, bytes })
  }
  return found
}

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

describe('what is seen of a batch', () => {
  it.each(CODECS)('comes in pieces of a few MiB, each where the one before it ended: %s', async (codec) => {
    const found = await pieces(105n, batch({ baseOffset: 100, records: sized(150, 100_000), codec }))
    expect(found.map(({ first }) => first)).toEqual([105n, ...found.slice(0, -1).map(({ next }) => next)])
    expect(found.at(-1)?.next).toBe(250n)
    expect(found.reduce((sum, { records }) => sum + records, 0)).toBe(145)
    expect(Math.max(...found.map(({ bytes }) => bytes))).toBeLessThan(5 * MEBIBYTE)
    expect(found.length).toBeLessThan(6)
  })

  it.each(CODECS)('comes in pieces of some thousand records, however small they are: %s', async (codec) => {
    const found = await pieces(0n, batch({ baseOffset: 0, records: sized(30_000, 1), codec }))
    expect(Math.max(...found.map(({ records }) => records))).toBeLessThan(10_000)
    expect(found.reduce((sum, { records }) => sum + records, 0)).toBe(30_000)
  })

  it('is one piece, when it is small: batches, markers and what is cut short', async () => {
    const producerId = 7n
    const first = batch({ baseOffset: 3, records: sized(2, 10), attributes: 16, producerId })
    const cut = batch({ baseOffset: 6, records: sized(1, 10) }).subarray(0, -1)
    expect(await pieces(3n, first, sealed(endMarker(5, producerId, 'commit')), cut)).toEqual([
      { first: 3n, records: 2, bytes: 20, next: 6n },
    ])
  })

  it('is nothing, when nothing came: that is a piece too', async () => {
    expect(await pieces(9n)).toEqual([{ first: undefined, records: 0, bytes: 0, next: 9n }])
  })

  it('is refused at a record that is larger than any that is replicated, which is named', async () => {
    const large = { value: Buffer.alloc(17 * MEBIBYTE) }
    const reading = pieces(0n, batch({ baseOffset: 40, records: [...sized(2, 10), large], codec: 'zstd' }))
    await expect(reading).rejects.toThrow(TooLargeAtOnce)
    await expect(reading).rejects.toThrow(/in the batch at offset 40, behind offset 41: a record takes 178\d{5} bytes/)
  })
})
