import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  finalHead,
  refillHead,
  type Seed,
  seededHead,
  voidHead,
} from '../../../../../shared/domain/failover/seeded-head.ts'
import type { Head } from '../../../../../shared/domain/head.ts'
import type { Hole } from '../../../../../shared/domain/intake.ts'
import { withLooped } from '../../../../../shared/domain/looped-runs.ts'
import { extendRuns } from '../../../../../shared/domain/offset-map.ts'
import { sourceEnd, targetEnd } from '../../../../../shared/domain/run.ts'
import { translate, translateBack } from '../../../../../shared/domain/translation.ts'

const LIFE = 'AAAAAAAAAAAAAAAAAAAAAA'
const KNOWN: Head = {
  incarnation: LIFE,
  nextSource: 12n,
  nextTarget: 20n,
  openRuns: [{ source: 5n, target: 13n, length: 7n }],
  last: { source: 11n, fingerprint: 'fingerprint', timestamp: 1 },
  unverifiedFrom: 3n,
  epoch: 1,
  updatedAt: 1,
}
const SEED: Seed = { incarnation: LIFE, nextSource: 30n, nextTarget: 41n, epoch: 2, now: 9 }

describe('a link whose target was emptied', () => {
  const REFILL = { incarnation: LIFE, logStart: 2n, refillBelow: 30n, nextTarget: 41n, epoch: 2, now: 9 }
  const nothing = { openRuns: [], last: undefined, unverifiedFrom: undefined }

  it('begins with the first record, whatever it knew', () => {
    const head = {
      incarnation: LIFE,
      nextSource: 2n,
      nextTarget: 41n,
      ...nothing,
      refillBelow: 30n,
      epoch: 2,
      updatedAt: 9,
    }
    for (const known of [undefined, KNOWN, { ...KNOWN, rewoundTo: 4n }])
      expect(refillHead(known, REFILL)).toEqual({ pages: [], head })
    const other = refillHead({ ...KNOWN, incarnation: 'BBBBBBBBBBBBBBBBBBBBBB' }, REFILL)
    expect(other?.pages.flatMap(({ runs }) => runs)).toEqual(KNOWN.openRuns)
    expect(other?.head).toEqual(head)
  })

  it('goes on where it is once it has begun, and begins anew in another epoch', () => {
    const begun = refillHead(KNOWN, REFILL)?.head
    expect(refillHead(begun && { ...begun, nextSource: 20n }, REFILL)).toBeUndefined()
    expect(refillHead(begun, { ...REFILL, epoch: 3 })?.head).toMatchObject({ nextSource: 2n, epoch: 3 })
  })
})

describe('a link whose source was emptied', () => {
  it('knows nothing of what was there, and goes on behind it', () => {
    const end = { sourceEnd: 15n, epoch: 2, now: 9 }
    const head = voidHead(KNOWN, end)
    expect(head).toMatchObject({ incarnation: LIFE, nextSource: 15n, nextTarget: 0n, openRuns: [], last: undefined })
    expect(head && voidHead(head, end)).toBeUndefined()
    expect(head && translate(head.openRuns, head.nextSource, 8n)).toEqual({ kind: 'unmapped' })
    expect(head && translateBack(head.openRuns, 15n)).toEqual({ kind: 'unmapped' })
  })
})

describe('a link that begins at the boundary', () => {
  it('has a looped run from where it stood', () => {
    expect(seededHead(KNOWN, SEED)).toEqual({
      pages: [],
      head: {
        ...KNOWN,
        nextSource: 30n,
        nextTarget: 41n,
        openRuns: [...KNOWN.openRuns, { source: 12n, target: 20n, length: 18n, looped: true }],
        last: undefined,
        epoch: 2,
        updatedAt: 9,
      },
    })
  })

  it('has one from the beginning when it never ran, or for another life', () => {
    const openRuns = [{ source: 0n, target: 0n, length: 30n, looped: true }]
    expect(seededHead(undefined, SEED)?.head).toMatchObject({
      nextSource: 30n,
      nextTarget: 41n,
      openRuns,
      last: undefined,
    })
    const other = seededHead({ ...KNOWN, incarnation: 'BBBBBBBBBBBBBBBBBBBBBB', rewoundTo: 4n }, SEED)
    expect(other?.head).toMatchObject({ incarnation: LIFE, openRuns, rewoundTo: 4n, unverifiedFrom: undefined })
    expect(other?.pages.flatMap(({ runs }) => runs)).toEqual(KNOWN.openRuns)
  })

  it('goes on where it is when it stands beyond it', () => {
    expect(seededHead({ ...KNOWN, nextSource: 31n }, SEED)).toBeUndefined()
  })

  it('comes to the same when it is seeded again, and never ends before its own records on the target', () => {
    const once = seededHead(KNOWN, SEED)?.head
    expect(seededHead(once, SEED)?.head).toEqual(once)
    expect(seededHead(KNOWN, { ...SEED, nextTarget: 7n })?.head.nextTarget).toBe(20n)
    expect(seededHead(undefined, { ...SEED, nextSource: 0n })?.head.openRuns).toEqual([])
  })

  it('keeps what is not verified, and stands still where it stood still', () => {
    expect(seededHead({ ...KNOWN, rewoundTo: 4n }, SEED)?.head).toMatchObject({ unverifiedFrom: 3n, rewoundTo: 4n })
  })

  it('translates as if it had read everything, and found that it came from its target', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.nat(9), lengths, lengths, fc.nat(60), (start, looped, after, position) => {
        const known: Head | undefined = start === 0 ? undefined : { ...KNOWN, nextSource: BigInt(12 + start) }
        const from = known?.nextSource ?? 0n
        // what the other link brought lies between markers, which the link would have found to be holes
        const holes: Hole[] = []
        for (const length of looped) {
          const begin = (holes.at(-1)?.to ?? from - 1n) + 1n
          holes.push({ from: begin, to: begin + BigInt(length) })
        }
        const end = holes.at(-1)?.to ?? from
        const read = extendRuns(known?.openRuns ?? [], withLooped(known?.openRuns ?? [], [], holes))
        const seeded = seededHead(known, { ...SEED, nextSource: end })?.head
        let [source, target] = [end, 50n]
        const own = after.map((length) => {
          const run = { source, target, length: BigInt(length) }
          source = sourceEnd(run) + 1n
          target = targetEnd(run)
          return run
        })
        const [truth, ours] = [extendRuns(read, own), extendRuns(seeded?.openRuns ?? [], own)]
        const at = BigInt(position)
        if (at < source && at >= (truth[0]?.source ?? 0n))
          expect(translate(ours, source, at)).toEqual(translate(truth, source, at))
        if (at >= 13n) expect(translateBack(ours, at)).toEqual(translateBack(truth, at))
      }),
    )
  })
})

describe('the link whose source is the standby from now on', () => {
  const END = { sourceEnd: 15n, drained: true, execution: 'first', epoch: 2, now: 9 }

  it('ends where its source ended; markers behind the last record are to be verified', () => {
    const { head, gap } = finalHead({ ...KNOWN, unverifiedFrom: undefined }, END) ?? {}
    expect(head).toEqual({ ...KNOWN, nextSource: 15n, unverifiedFrom: 12n, epoch: 2, updatedAt: 9 })
    expect(gap).toBeUndefined()
    expect(finalHead(KNOWN, END)?.head.unverifiedFrom).toBe(3n)
  })

  it('names what is stranded, where nobody could drain it', () => {
    const { head, gap } = finalHead(KNOWN, { ...END, drained: false }) ?? {}
    expect(head).toMatchObject({ nextSource: 15n, unverifiedFrom: 3n })
    expect(gap).toMatchObject({ incarnation: LIFE, from: 12n, to: 15n, kind: 'filtered', at: 9 })
    expect(gap?.reason).toContain('first')
  })

  it.each([12n, 11n])('stays as it is when its source ends at %i', (sourceEnd) => {
    expect(finalHead(KNOWN, { ...END, sourceEnd })).toBeUndefined()
  })
})
