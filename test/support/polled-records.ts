import fc from 'fast-check'
import type { PolledHeader, PolledRecord } from '../../shared/domain/record.ts'

/** Text or bytes to what the poller brings. */
export const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64')

/** A record that differs from an ordinary one only in what is named. */
export const polledRecord = (fields: Partial<PolledRecord> = {}): PolledRecord => ({
  offset: 0,
  timestamp: 1_700_000_000_000,
  key: base64('key'),
  value: base64('value'),
  headers: [],
  ...fields,
})

/** `count` records with ascending offsets from `first` on, told apart by their values. */
export const polledRecords = (
  count: number,
  fields: Partial<PolledRecord> = {},
  first = 0,
): [PolledRecord, ...PolledRecord[]] => {
  const record = (index: number): PolledRecord =>
    polledRecord({ offset: first + index, value: base64(`value ${first + index}`), ...fields })
  return [record(0), ...Array.from({ length: count - 1 }, (_, index) => record(index + 1))]
}

const signed = (bytes: Uint8Array): number[] => [...Int8Array.from(bytes)]

const arbitraryBytes = fc.oneof(
  fc.constant(null),
  fc.constant(''),
  fc.uint8Array({ maxLength: 200, size: 'max' }).map((bytes) => base64(bytes)),
)

const arbitraryHeader: fc.Arbitrary<PolledHeader> = fc.record({
  name: fc.oneof(
    fc.constantFrom('trace', 'ë', '', '10', '2'),
    fc.string({ unit: 'grapheme', maxLength: 40, size: 'max' }),
  ),
  value: fc.oneof(fc.constant(null), fc.uint8Array({ maxLength: 150, size: 'max' }).map(signed)),
})

const arbitraryTimestamp = fc.oneof(
  fc.constantFrom(0, -1, 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  fc.integer({ min: 1_600_000_000_000, max: 1_800_000_000_000 }),
  fc.maxSafeInteger(),
)

/** Records as awkward as Kafka allows them. */
export const arbitraryRecords = (maxLength: number): fc.Arbitrary<PolledRecord[]> =>
  fc
    .array(
      fc.record({
        key: arbitraryBytes,
        value: arbitraryBytes,
        timestamp: arbitraryTimestamp,
        headers: fc.array(arbitraryHeader, { maxLength: 5 }),
      }),
      { minLength: 1, maxLength, size: 'max' },
    )
    .map((records) => records.map((record, offset) => ({ offset, ...record })))
