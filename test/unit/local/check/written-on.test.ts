import { describe, expect, it } from 'vitest'
import type { LogHeader, LogRecord } from '../../../../local/check/record-batch-reader.ts'
import { withoutOrigin, writerHeader, writtenOn } from '../../../../local/check/written-on.ts'

const header = (name: string, value: string): LogHeader => ({ name: Buffer.from(name), value: Buffer.from(value) })

const record = (...headers: readonly LogHeader[]): LogRecord => ({
  offset: 7n,
  timestamp: 1,
  key: null,
  value: Buffer.from('value'),
  headers,
})

const trace = header('trace', '1')
const fromWest = header('twinshore-provenance', '1;WEST-ID;;0123456789abcdef')

describe('a topic to which both sides write', () => {
  it('is looked at for the records of one side, as they were written there', () => {
    expect(writtenOn('west')(record(trace, writerHeader('west'), fromWest), 0)).toEqual(
      record(trace, writerHeader('west')),
    )
  })

  it('shows nothing of what was written elsewhere, whatever its copies say', () => {
    expect(writtenOn('west')(record(writerHeader('east'), fromWest), 0)).toBeUndefined()
    expect(writtenOn('west')(record(trace), 0)).toBeUndefined()
  })

  it.each([
    ['says so', [fromWest], false],
    ['says nothing', [], true],
    ['says it twice', [fromWest, fromWest], true],
    ['names another cluster', [header('twinshore-provenance', '1;EAST-ID;WEST-ID;0123456789abcdef')], true],
  ])('has copies that do not say where they come from, when one %s', (_how, said, isOffence) => {
    const copy = record(writerHeader('west'), ...said)
    expect(withoutOrigin('west', 'WEST-ID')(copy, 0) !== undefined).toBe(isOffence)
  })

  it('judges no copies of what was written elsewhere', () => {
    expect(withoutOrigin('west', 'WEST-ID')(record(writerHeader('east')), 0)).toBeUndefined()
  })
})
