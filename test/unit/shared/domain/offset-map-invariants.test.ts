import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SealLimits } from '../../../../shared/domain/offset-map.ts'
import { isReplicated, sourceEnd, targetEnd } from '../../../../shared/domain/run.ts'
import type { Position } from '../../../../shared/domain/translation.ts'
import { type Accidents, anyHistory, type History, type Slot } from '../../../support/histories.ts'
import { ReplicatedPartition, type WorldOptions } from '../../../support/replicated-partition.ts'

/** So small that a history of a hundred offsets fills several pages, and one invocation sometimes seals more than one. */
const TIGHT: SealLimits = { openRunsBytes: 12, pageBytes: 20 }
const ALL: Accidents = { zombies: true, recreation: true }
const PAST_THE_END = 3

const offsetsOf = ({ slots }: ReplicatedPartition): bigint[] =>
  Array.from({ length: slots.length + PAST_THE_END }, (_, at) => BigInt(at))

const positionsOf = async (world: ReplicatedPartition): Promise<{ u: bigint; position: Position }[]> => {
  const positions = []
  for (const u of offsetsOf(world)) positions.push({ u, position: await world.translate(u) })
  return positions
}

const always = (
  accidents: Accidents,
  holds: (world: ReplicatedPartition, history: History) => Promise<void>,
  options: WorldOptions = { limits: TIGHT },
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(anyHistory(accidents), async (history) => {
      await holds(await ReplicatedPartition.after(history, options), history)
    }),
  )

describe('an offset map, after any history of deliveries, crashes and accidents,', () => {
  it('I1: never skips a replicated record', () =>
    always(ALL, async (world) => {
      for (const { u, position } of await positionsOf(world)) {
        if (position.kind === 'unmapped') continue
        const skipped = [...world.truth].filter(([source, target]) => source >= u && target < position.target)
        expect(skipped).toEqual([])
      }
    }))

  it('I2: never points past what is replicated', () =>
    always(ALL, async (world) => {
      for (const { u, position } of await positionsOf(world)) {
        if (position.kind === 'unmapped') continue
        const end = [...world.truth.values()].reduce((last, target) => (target > last ? target : last), -1n) + 1n
        expect(position.target).toBeLessThanOrEqual(end)
        if (position.kind === 'ahead') expect(position.by).toBe(u - (world.head?.nextSource ?? 0n))
      }
    }))

  it('I3: guesses nothing where there is no map', () =>
    always(ALL, async (world) => {
      const [first = 0n] = [...world.truth.keys(), ...world.looped].sort((a, b) => Number(a - b))
      for (const { u, position } of await positionsOf(world)) {
        if (world.truth.size === 0) expect(position).toEqual({ kind: 'unmapped' })
        else if (u < first) expect(position).toMatchObject({ kind: 'before-start', missing: first - u })
        else if (u > (world.head?.nextSource ?? 0n)) expect(position.kind).toBe('ahead')
        else expect(position.kind).toBe('exact')
      }
    }))

  it('I4: is monotone', () =>
    always(ALL, async (world) => {
      let furthest = 0n
      for (const { position } of await positionsOf(world)) {
        if (position.kind === 'unmapped') continue
        expect(position.target).toBeGreaterThanOrEqual(furthest)
        furthest = position.target
      }
    }))

  it('I5: moves no position back as it grows', () =>
    always({ zombies: true }, async (whole, { slots, steps }) => {
      const half = await ReplicatedPartition.after(
        { slots, steps: steps.slice(0, steps.length / 2) },
        { limits: TIGHT },
      )
      for (const { u, position: before } of await positionsOf(half)) {
        const after = await whole.translate(u)
        if (before.kind === 'unmapped') continue
        expect(after.kind !== 'unmapped' && after.target >= before.target).toBe(true)
      }
    }))

  it('I6: is exact, so that a group reads nothing twice and misses nothing', () =>
    always(ALL, async (world) => {
      for (const { u, position } of await positionsOf(world)) {
        if (position.kind !== 'exact') continue
        const read = [...world.truth].filter(([, target]) => target < position.target).map(([source]) => source)
        expect(read).toEqual([...world.truth.keys()].filter((source) => source < u))
      }
    }))

  it('I6: leaves the copies that crashes made behind, unless a zombie made them later', () =>
    always({ recreation: true }, async (world) => {
      for (const { u, position } of await positionsOf(world)) {
        if (position.kind !== 'exact') continue
        const toRead = world.target
          .slice(Number(position.target))
          .filter((copy) => copy?.incarnation === world.incarnation)
        expect(toRead.filter((copy) => copy !== undefined && copy.source < u)).toEqual([])
      }
    }))

  it('I7: holds disjoint runs in both orders, and in them every replicated record once', () =>
    always(ALL, async (world) => {
      for (const [at, run] of world.runs.entries()) {
        const before = world.runs[at - 1]
        if (before === undefined) continue
        expect(run.source >= sourceEnd(before) && run.target >= targetEnd(before)).toBe(true)
      }
      const mapped = world.runs
        .filter(isReplicated)
        .flatMap(({ source, target, length }) =>
          Array.from({ length: Number(length) }, (_, at) => [source + BigInt(at), target + BigInt(at)]),
        )
      expect(mapped).toEqual([...world.truth])
    }))

  it('I7: holds every looped record once, and takes no hole for one', () =>
    always(ALL, async (world) => {
      const looped = world.runs
        .filter((run) => !isReplicated(run))
        .flatMap(({ source, length }) => Array.from({ length: Number(length) }, (_, at) => source + BigInt(at)))
      expect(looped).toEqual([...world.looped])
    }))

  it('I6: leads from a looped record to the first replicated one after it', () =>
    always(ALL, async (world) => {
      for (const u of world.looped) {
        const next = [...world.truth].find(([source]) => source > u)?.[1] ?? world.head?.nextTarget
        const expected = world.truth.size === 0 ? { kind: 'unmapped' } : { kind: 'exact', target: next }
        expect(await world.translate(u)).toEqual(expected)
      }
    }))

  it('I8: translates as if nothing had crashed, to the same record', () =>
    always({ zombies: true }, async (crashed, { slots }) => {
      await crashed.drain()
      const clean = await ReplicatedPartition.after({ slots, steps: [] }, { limits: TIGHT })
      await clean.drain()
      for (const u of offsetsOf(clean)) {
        const [expected, position] = [await clean.translate(u), await crashed.translate(u)]
        expect(recordAt(crashed, position)).toEqual(recordAt(clean, expected))
        expect(position.kind).toBe(expected.kind)
      }
    }))

  it('I9: lets nothing cross into another incarnation', () =>
    always(ALL, async (world) => {
      for (const { u, position } of await positionsOf(world)) {
        const mapped = world.head?.incarnation
        const other = mapped === world.incarnation ? 'topic-id-0' : world.incarnation
        if (mapped !== other) expect(await world.translate(u, other)).toEqual({ kind: 'unmapped' })
        if (position.kind === 'unmapped' || position.target === world.head?.nextTarget) continue
        expect(world.target[Number(position.target)]?.incarnation).toBe(world.incarnation)
      }
      for (const run of world.runs.filter(isReplicated)) {
        expect(world.target[Number(run.target)]).toEqual({ incarnation: world.incarnation, source: run.source })
      }
    }))

  it('I12: there and back again never lands past the start', () =>
    always(ALL, async (world) => {
      for (const { u, position } of await positionsOf(world)) {
        if (position.kind === 'unmapped') continue
        const back = await world.translateBack(position.target)
        if (back.kind === 'unmapped') expect.fail('a map that translates one way translates the other')
        else if (position.kind === 'before-start') expect(back).toMatchObject({ kind: 'before-start', missing: 0n })
        else expect(back.source).toBeLessThanOrEqual(u)
      }
    }))

  it('I12: goes back to right after the last record that was read', () =>
    always(ALL, async (world) => {
      for (let v = 0n; v <= BigInt(world.target.length) + 1n; v++) {
        const back = await world.translateBack(v)
        const read = [...world.truth].filter(([, target]) => target < v).map(([source]) => source)
        const lastRead = read.at(-1)
        expect(back.kind === 'unmapped').toBe(world.truth.size === 0)
        if (back.kind === 'unmapped') continue
        if (lastRead === undefined) expect(back.kind).toBe('before-start')
        else expect(back.source).toBe(lastRead + 1n)
      }
    }))

  it('I13: translates the newest record as soon as it is written down', () =>
    always(ALL, async (world) => {
      const newest = [...world.truth].at(-1)
      if (newest === undefined) return
      const [source, target] = newest
      expect(await world.translate(source)).toEqual({ kind: 'exact', target })
      expect(await world.translate(source + 1n)).toEqual({ kind: 'exact', target: target + 1n })
    }))

  it('forgets pages past their retention as a whole, and says so instead of guessing', () =>
    always(
      { zombies: true },
      async (forgetful, history) => {
        const whole = await ReplicatedPartition.after(history, { limits: TIGHT })
        const start = forgetful.runs[0]?.source ?? 0n
        for (const { u, position } of await positionsOf(forgetful)) {
          if (u >= start || whole.truth.size === 0) expect(position).toEqual(await whole.translate(u))
          else expect(position).toMatchObject({ kind: 'before-start', missing: start - u })
        }
      },
      { limits: TIGHT, retentionMs: 6 * 3_600_000 },
    ))
})

/** The record that a group reads first from there on; `undefined`: it waits at the end. */
const recordAt = (world: ReplicatedPartition, position: Position): bigint | undefined => {
  if (position.kind === 'unmapped') return undefined
  return [...world.truth].find(([, target]) => target >= position.target)?.[0]
}

describe('an offset map with the limits of production', () => {
  it('is exact over thousands of runs and many pages', async () => {
    const slots = Array.from({ length: 9_000 }, (_, at): Slot => (at % 2 === 0 ? 'data' : 'marker'))
    const world = await ReplicatedPartition.after({ slots, steps: [] })
    while ((world.head?.nextSource ?? 0n) < 8_999n) {
      await world.play({ kind: 'deliver', count: 97, crash: 'after-seal', foreign: 5 })
      await world.play({ kind: 'deliver', count: 1_100, crash: 'none', foreign: 0 })
    }
    expect(world.runs).toHaveLength(4_500)
    for (let u = 0n; u < 9_000n; u += 89n) {
      const next = u % 2n === 0n ? u : u + 1n
      expect(await world.translate(u)).toEqual({
        kind: 'exact',
        target: world.truth.get(next) ?? world.head?.nextTarget,
      })
    }
  })
})
