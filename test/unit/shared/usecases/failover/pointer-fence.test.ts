import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ClientPointer,
  isLater,
  parsePointer,
  pointerText,
} from '../../../../../shared/domain/failover/client-pointer.ts'
import { movePointer } from '../../../../../shared/usecases/failover/move-pointer.ts'
import { pointerFence, pointerSwitch } from '../../../../../shared/usecases/failover/pointer-fence.ts'
import { FakePointerPlace } from '../../../../fakes/pointer-place.ts'
import { inTime } from '../../../../support/in-time.ts'

const cluster = (name: string, region: string) => ({
  cluster: name,
  region,
  access: { cluster: name, bootstrapServers: [`b.${name}:9093`], tls: true, login: { kind: 'none' } as const },
})
const [WEST, EAST] = [cluster('west', 'us-east-2'), cluster('east', 'eu-west-1')]
const CAUSE = { pair: 'pair', from: 'west', to: 'east', epoch: 3, execution: 'first', startedAt: 1_000 }

const pointer = (changes: Partial<ClientPointer> = {}): ClientPointer => ({
  pair: 'pair',
  cluster: 'west',
  bootstrapServers: ['b.west:9093'],
  mayWrite: true,
  epoch: 3,
  execution: 'first',
  startedAt: 1_000,
  ...changes,
})

describe('a pointer that clients follow', () => {
  it('is read as it was written, and as none when it is something else', () => {
    expect(parsePointer(pointerText(pointer()))).toEqual(pointer())
    for (const text of ['', 'unset', '{}', '[]', '{"pair":"pair"}']) expect(parsePointer(text)).toBeUndefined()
  })

  it.each([
    ['a higher epoch', { epoch: 4, startedAt: 1 }, {}],
    ['a later execution of the same epoch', { execution: 'second', startedAt: 2_000 }, {}],
    ['the opening after the closing of one execution', {}, { mayWrite: false }],
  ])('is later by %s', (_why, one, other) => {
    expect(isLater(pointer(one), pointer(other))).toBe(true)
    expect(isLater(pointer(other), pointer(one))).toBe(false)
  })

  it('never goes back, whoever writes beside whom', async () => {
    const anyPointer = fc.record({
      epoch: fc.integer({ min: 1, max: 3 }),
      startedAt: fc.constantFrom(1, 2),
      mayWrite: fc.boolean(),
    })
    const made = ({ epoch, startedAt, mayWrite }: { epoch: number; startedAt: number; mayWrite: boolean }) =>
      pointer({ epoch, startedAt, mayWrite, execution: `of ${epoch} at ${startedAt}` })
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyPointer, { minLength: 1, maxLength: 6 }),
        fc.array(anyPointer, { maxLength: 3 }),
        async (mine, theirs) => {
          const place = new FakePointerPlace()
          for (const [at, one] of mine.entries()) {
            const other = theirs[at]
            if (other !== undefined) place.before = async () => void (await movePointer(place, made(other), inTime()))
            await movePointer(place, made(one), inTime())
          }
          const all = place.versions.flatMap((text) => parsePointer(text) ?? [])
          expect(all.some((one) => place.pointer !== undefined && isLater(one, place.pointer))).toBe(false)
        },
      ),
    )
  })

  it('is put back when an earlier one came in between', async () => {
    const place = new FakePointerPlace()
    place.before = async () => void (await place.write(pointer({ epoch: 9, cluster: 'north' })))
    expect(await movePointer(place, pointer(), inTime())).toBe('kept')
    expect(place.pointer).toMatchObject({ epoch: 9, cluster: 'north' })
  })

  it('is not written when it is there', async () => {
    const place = new FakePointerPlace()
    expect(await movePointer(place, pointer(), inTime())).toBe('moved')
    expect(await movePointer(place, pointer(), inTime())).toBe('was-there')
    expect(place.versions).toHaveLength(1)
  })
})

describe('a fence by a pointer', () => {
  const places = [new FakePointerPlace('here'), new FakePointerPlace('there')] as const
  const fence = pointerFence({ places, from: WEST })

  it('closes the cluster in both regions, and can show that and no more', async () => {
    expect(await fence.prove(CAUSE, [], inTime())).toMatchObject({ outcome: 'again' })
    expect(await fence.apply(CAUSE, inTime())).toMatchObject({ outcome: 'done' })
    for (const place of places) expect(place.pointer).toEqual(pointer({ mayWrite: false }))
    const proof = await fence.prove(CAUSE, [], inTime())
    expect(proof).toMatchObject({ outcome: 'done', weaker: expect.stringContaining('own will') })
  })

  it('is opened again when it is lifted, and stays open', async () => {
    await fence.lift(CAUSE, inTime())
    expect(places[0].pointer).toEqual(pointer())
    expect(await fence.apply(CAUSE, inTime())).toMatchObject({ outcome: 'refused' })
    expect(places[0].pointer).toEqual(pointer())
  })

  it('gives way to the next failover', async () => {
    const next = { ...CAUSE, execution: 'second', startedAt: 2_000 }
    expect(await fence.apply(next, inTime())).toMatchObject({ outcome: 'done' })
    expect(await pointerSwitch(places[0], EAST).point(next, inTime())).toMatchObject({ outcome: 'done' })
    expect(places[0].pointer).toMatchObject({ cluster: 'east', bootstrapServers: ['b.east:9093'], mayWrite: true })
    const there = pointerFence({ places: [places[0]], from: WEST })
    expect(await there.lift(CAUSE, inTime())).toMatchObject({ outcome: 'refused' })
    expect(places[0].pointer).toMatchObject({ cluster: 'east', execution: 'second' })
  })

  it('takes clients that are pointed away already for fenced', async () => {
    const next = { ...CAUSE, execution: 'second', startedAt: 2_500 }
    expect(await fence.apply(next, inTime())).toMatchObject({ outcome: 'done' })
    expect(places[0].pointer).toMatchObject({ cluster: 'east' })
    expect(places[1].pointer).toMatchObject({ cluster: 'west', mayWrite: false })
    expect(await fence.prove(next, [], inTime())).toMatchObject({ outcome: 'done' })
  })
})
