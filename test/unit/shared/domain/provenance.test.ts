import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Hop, PROVENANCE_HEADER, sift } from '../../../../shared/domain/provenance.ts'
import type { PolledHeader, PolledRecord } from '../../../../shared/domain/record.ts'
import { arbitraryRecords, polledRecord } from '../../../support/polled-records.ts'

const there: Hop = { source: 'WEST', target: 'EAST', sourceTopic: 'orders', targetTopic: 'west.orders', partition: 3 }
const onwards: Hop = { ...there, source: 'EAST', target: 'SOUTH', sourceTopic: 'west.orders', targetTopic: 'orders' }
const back: Hop = { ...onwards, target: 'WEST' }

const bytesOf = (text: string): number[] => [...Buffer.from(text)]
const textOf = ({ value }: PolledHeader): string => Buffer.from(value ?? []).toString()
const trace: PolledHeader = { name: 'trace', value: [-1, 0] }
const ours = (value: string | null): PolledHeader => ({
  name: PROVENANCE_HEADER,
  value: value === null ? null : bytesOf(value),
})

/** The record as it is after a hop that it has to make. */
const copied = (record: PolledRecord, hop: Hop): PolledRecord => {
  const [copy] = sift([record], hop).onward
  if (copy === undefined) throw new Error('the record looped')
  return copy
}

const provenanceIn = ({ headers }: PolledRecord): string[] =>
  headers.filter(({ name }) => name === PROVENANCE_HEADER).map(textOf)

describe('provenance', () => {
  it('is one header of a few bytes, behind those of the application', () => {
    const copy = copied(polledRecord({ headers: [trace, trace] }), there)
    expect(copy.headers.slice(0, 2)).toEqual([trace, trace])
    expect(copy.headers.slice(2).map(({ name }) => name)).toEqual([PROVENANCE_HEADER])
    expect(provenanceIn(copy)).toEqual([expect.stringMatching(/^1;WEST;;[0-9a-f]{16}$/)])
    expect({ ...copy, headers: [] }).toEqual(polledRecord())
  })

  it('keeps back what comes from the target, and what has been there', () => {
    const copy = copied(polledRecord(), there)
    expect(sift([copy], back)).toEqual({ onward: [], looped: [0], untrusted: 0 })
    const further = copied(copy, onwards)
    expect(provenanceIn(further)).toEqual([expect.stringMatching(/^1;WEST;EAST;[0-9a-f]{16}$/)])
    const fromSouth = { ...onwards, source: 'SOUTH', sourceTopic: 'orders' }
    for (const target of ['WEST', 'EAST']) expect(sift([further], { ...fromSouth, target }).looped).toEqual([0])
    const furthest = copied(further, { ...fromSouth, target: 'NORTH' })
    expect(provenanceIn(furthest)).toEqual([expect.stringMatching(/^1;WEST;EAST,SOUTH;/)])
  })

  it('goes back to a target that was emptied, below where applications wrote, and not once more from there', () => {
    const copies = [0, 1, 2].map((offset) => copied(polledRecord({ offset }), there))
    const { onward, looped } = sift(copies, { ...back, sourceTopic: there.targetTopic, partition: 3 }, undefined, 2n)
    expect(looped).toEqual([2])
    expect(onward.map(({ offset }) => offset)).toEqual([0, 1])
    const again = { ...there, sourceTopic: back.targetTopic, targetTopic: there.targetTopic }
    expect(sift(onward, again).looped).toEqual([0, 1])
  })

  it('is replaced in its place', () => {
    const copy = copied(polledRecord({ headers: [trace] }), there)
    const behind = { name: 'behind', value: null }
    const further = copied({ ...copy, headers: [...copy.headers, behind] }, onwards)
    expect(further.headers.map(({ name }) => name)).toEqual(['trace', PROVENANCE_HEADER, 'behind'])
  })

  it('survives a topic that sets timestamps itself', () => {
    expect(sift([{ ...copied(polledRecord(), there), timestamp: 1 }], back).looped).toEqual([0])
  })

  it('takes bytes for the same, signed or not', () => {
    const copy = copied(polledRecord({ headers: [trace] }), there)
    const unsigned = { ...copy, headers: copy.headers.with(0, { ...trace, value: [255, 0] }) }
    expect(sift([unsigned], back).looped).toEqual([0])
  })

  const header = copied(polledRecord({ headers: [trace] }), there).headers[1] ?? trace
  it.each([
    ['key', polledRecord({ headers: [trace, header], key: null })],
    ['value', polledRecord({ headers: [trace, header], value: 'b3RoZXI=' })],
    ['value, which is empty instead of null', copiedOnto({ value: null }, { value: '' })],
    ['headers', polledRecord({ headers: [trace, header, trace] })],
    ['bytes of a header', polledRecord({ headers: [{ ...trace, value: [-1, 1] }, header] })],
    ['border between key and value', copiedOnto({ key: 'YWFh', value: 'YmJi' }, { key: 'YWFhYmJi', value: '' })],
  ])('is not believed of another record that it was copied to: another %s', (_what, record) => {
    const { onward, looped, untrusted } = sift([record], back)
    expect([looped, untrusted]).toEqual([[], 1])
    expect(onward.flatMap(provenanceIn)).toEqual([expect.stringMatching(/^1;EAST;;/)])
  })

  it.each([
    ['topic', { sourceTopic: 'orders' }],
    ['partition', { partition: 2 }],
  ])('is not believed of the same record in another %s', (_what, elsewhere) => {
    expect(sift([copied(polledRecord(), there)], { ...back, ...elsewhere })).toMatchObject({ looped: [], untrusted: 1 })
  })

  it.each([
    ['nothing', null],
    ['no bytes', ''],
    ['something else', 'hello'],
    ['another version', '2;WEST;;0123456789abcdef'],
    ['no digest', '1;WEST;'],
    ['no origin', '1;;;0123456789abcdef'],
    ['an empty hop', '1;WEST;EAST,;0123456789abcdef'],
    ['far too much', `1;${'W'.repeat(3_000)};;0123456789abcdef`],
  ])('of %s counts as the header of an application, stays, and stops nothing', (_what, value) => {
    const { onward, looped, untrusted } = sift([polledRecord({ headers: [ours(value), trace] })], back)
    expect([looped, untrusted]).toEqual([[], 1])
    expect(onward[0]?.headers.slice(0, 2)).toEqual([ours(value), trace])
    expect(onward[0]?.headers).toHaveLength(3)
  })

  it('is found beside malformed ones', () => {
    const copy = copied(polledRecord({ headers: [ours('hello')] }), there)
    expect(sift([copy], back)).toEqual({ onward: [], looped: [0], untrusted: 0 })
  })

  it('knows cluster ids with any letters', () => {
    const odd: Hop = { ...there, source: 'a;b,c d%é' }
    expect(provenanceIn(copied(polledRecord(), odd))).toEqual([expect.stringMatching(/^1;a%3Bb%2Cc%20d%25%C3%A9;;/)])
    expect(sift([copied(polledRecord(), odd)], { ...back, target: odd.source }).looped).toEqual([0])
    expect(sift([copied(polledRecord(), odd)], { ...back, target: 'a' }).looped).toEqual([])
  })

  it('names each cluster once', () => {
    expect(provenanceIn(copied(copied(polledRecord(), there), { ...onwards, source: 'WEST' }))).toEqual([
      expect.stringMatching(/^1;WEST;;/),
    ])
  })

  it('stops every record on its way back, and changes nothing of it on its way there but its own header', () => {
    fc.assert(
      fc.property(arbitraryRecords(20), (records) => {
        const { onward, looped } = sift(records, there)
        expect(looped).toEqual([])
        expect(onward.map((record) => ({ ...record, headers: record.headers.slice(0, -1) }))).toEqual(records)
        expect(sift(onward, back)).toEqual({ onward: [], looped: records.map(({ offset }) => offset), untrusted: 0 })
      }),
    )
  })
})

/** A record that an application made of the copy of another one, headers and all. */
function copiedOnto(from: Partial<PolledRecord>, to: Partial<PolledRecord>): PolledRecord {
  return { ...copied(polledRecord(from), there), ...to }
}
