import { Reader } from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { BatchWriter, varintBytes, varlongBytes } from '../../../../shared/domain/batch-writer.ts'

const around = (value: number): number[] => [value - 1, value, value + 1]
const powers = Array.from({ length: 53 }, (_, exponent) => 2 ** exponent)
const everySize = powers.flatMap(around).flatMap((value) => [value, 0 - value])

const written = (write: (writer: BatchWriter) => void): Buffer => {
  const writer = new BatchWriter(Buffer.alloc(16), 0)
  write(writer)
  return writer.bytes.subarray(0, writer.at)
}

describe('a varint', () => {
  it('is as long as it was measured, and read back by another client, at every change of length', () => {
    for (const value of everySize.filter((value) => value >= -(2 ** 31) && value < 2 ** 31)) {
      const bytes = written((writer) => writer.varint(value))
      expect([value, bytes.length]).toEqual([value, varintBytes(value)])
      expect(Reader.from(bytes).readVarInt64()).toBe(BigInt(value))
    }
  })
})

describe('a varlong', () => {
  it('is as long as it was measured, and read back by another client, at every change of length', () => {
    for (const value of everySize.filter(Number.isSafeInteger)) {
      const bytes = written((writer) => writer.varlong(value, 0))
      expect([value, bytes.length]).toEqual([value, varlongBytes(value, 0)])
      expect(Reader.from(bytes).readVarInt64()).toBe(BigInt(value))
    }
  })

  it('is exact for the widest distance of two safe integers', () => {
    const [least, most] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
    const bytes = written((writer) => writer.varlong(most, least))
    expect(Reader.from(bytes).readVarInt64()).toBe(BigInt(most) - BigInt(least))
    expect(bytes.length).toBe(varlongBytes(most, least))
  })
})
