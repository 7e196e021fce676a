import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../../../shared/domain/fingerprint.ts'
import type { PolledRecord } from '../../../../shared/domain/record.ts'
import { polled } from '../../../support/polled.ts'

const anyRecord: fc.Arbitrary<PolledRecord> = fc.record({
  offset: fc.nat(),
  timestamp: fc.integer(),
  key: fc.option(fc.base64String()),
  value: fc.option(fc.base64String()),
  headers: fc.array(fc.record({ name: fc.string(), value: fc.option(fc.array(fc.integer({ min: -128, max: 127 }))) })),
})

describe('a fingerprint', () => {
  it('is the same for the same record', () => {
    fc.assert(fc.property(anyRecord, (record) => fingerprint(structuredClone(record)) === fingerprint(record)))
  })

  it.each<[string, Partial<PolledRecord>]>([
    ['timestamp', { timestamp: polled(0).timestamp + 1 }],
    ['key', { key: 'a2V5LTE=' }],
    ['null key', { key: null }],
    ['one character of the value', { value: 'Zmlyc3QtMB==' }],
    ['null value', { value: null }],
    ['empty value', { value: '' }],
    ['header', { headers: [{ name: 'h', value: null }] }],
  ])('differs in another %s', (_what, other) => {
    expect(fingerprint({ ...polled(0), ...other })).not.toBe(fingerprint(polled(0)))
  })

  it('tells null from empty in headers, and the order of headers', () => {
    const headers = [
      { name: 'a', value: null },
      { name: 'a', value: [] },
    ]
    const prints = [headers, headers.toReversed(), [headers[0], headers[0]]].map((some) =>
      fingerprint({ ...polled(0), headers: some.flatMap((header) => header ?? []) }),
    )
    expect(new Set(prints).size).toBe(3)
  })

  it('is short, whatever the size of the record', () => {
    expect(fingerprint({ ...polled(0), value: 'A'.repeat(1_000_000) }).length).toBeLessThan(64)
  })
})
