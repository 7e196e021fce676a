import { describe, expect, it } from 'vitest'
import { hasSameContent, lastCopyOf } from '../../../../shared/domain/last-copy.ts'

describe('the last copy', () => {
  it('is the newest record that went to the target, whatever came from there since', () => {
    const looped = { source: 9n, target: 24n, length: 5n, looped: true } as const
    const runs = [
      { source: 0n, target: 10n, length: 2n },
      { source: 5n, target: 20n, length: 4n },
    ]
    expect(lastCopyOf({ openRuns: [...runs, looped] })).toEqual({ source: 8n, target: 23n })
    expect(lastCopyOf({ openRuns: [looped] })).toBeUndefined()
  })

  it.each([
    ['the same bytes', 'k', 'v', true],
    ['another key', 'x', 'v', false],
    ['another value', 'k', 'x', false],
    ['a tombstone', 'k', null, false],
    ['no key', null, 'v', false],
    ['an empty key', '', 'v', false],
  ] as const)('is compared by key and value: %s', (_what, key, value, same) => {
    const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))
    const one = { key: Buffer.from('k'), value: Buffer.from('v') }
    const other = { key: bytes(key), value: bytes(value) }
    expect(hasSameContent(one, other)).toBe(same)
    expect(hasSameContent(other, one)).toBe(same)
    expect(hasSameContent(other, other)).toBe(true)
  })
})
