import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeVerdict, type SeenRecord } from '../../../../../shared/domain/failover/place-verdict.ts'

/** As in `7:a b c`: records from offset 7 on. */
const records = (text: string): SeenRecord[] => {
  const [first = '0', words = ''] = text.split(':')
  const digests = words.split(' ').filter((word) => word !== '')
  return digests.map((digest, at) => ({ offset: BigInt(first) + BigInt(at), digest }))
}

describe('a place on the target', () => {
  it.each([
    ['the very next record', '3:c d', '7:c d', '5:a b', { kind: 'exact' }],
    ['nothing, as on the source', '3:', '7:', '5:a b', { kind: 'exact' }],
    ['nothing yet, of a record that has not come', '3:c', '7:', '5:a b', { kind: 'exact' }],
    ['what follows a record that was set aside', '3:c d', '7:d e', '5:a b', { kind: 'exact' }],
    ['a record that it has read', '3:c d', '7:b c d', '5:x a', { kind: 'read-again', records: 1 }],
    ['records that it has read', '3:c d', '7:a b c d', '5:x', { kind: 'read-again', records: 2 }],
    ['records, where it has read all', '3:', '7:b c', '5:a', { kind: 'read-again', records: 2 }],
    ['a record beyond the next one', '3:c d', '7:d e', '5:b c', { kind: 'skipped', records: 1 }],
    ['a record beyond the next ones', '3:c d e', '7:e', '5:c d', { kind: 'skipped', records: 2 }],
    ['nothing, beyond the next ones', '3:c d', '7:', '4:b c d', { kind: 'skipped', records: 2 }],
    [
      'a record of somebody else',
      '3:c d',
      '7:x',
      '5:a b',
      { kind: 'untold', because: expect.stringContaining('at 7') },
    ],
  ] as const)('holds %s', (_what, unread, there, before, verdict) => {
    expect(placeVerdict({ at: 7n, unread: records(unread), there: records(there), before: records(before) })).toEqual(
      verdict,
    )
  })

  it('skips what retention took there', () => {
    const taken = { at: 7n, begins: 10n, before: [], unread: records('3:c d e f') }
    expect(placeVerdict({ ...taken, there: records('10:f') })).toEqual({ kind: 'skipped', records: 3 })
    expect(placeVerdict({ ...taken, there: [] })).toEqual({ kind: 'skipped', records: 3 })
    expect(placeVerdict({ ...taken, there: records('10:c') })).toEqual({ kind: 'exact' })
  })

  it('is exact only where it is, in any log whose records are all different', () => {
    const log = Array.from({ length: 40 }, (_, at) => ({ offset: BigInt(at), digest: `record ${at}` }))
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (right, at) => {
        const unread = log.slice(right)
        const verdict = placeVerdict({ at: BigInt(at), unread, there: log.slice(at), before: log.slice(0, at) })
        if (at === right) expect(verdict).toEqual({ kind: 'exact' })
        else expect(verdict).toEqual({ kind: at < right ? 'read-again' : 'skipped', records: Math.abs(at - right) })
      }),
    )
  })
})
