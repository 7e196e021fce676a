import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { PROVENANCE_HEADER } from '../../../../../shared/domain/provenance.ts'
import type { PolledHeader, PolledRecord } from '../../../../../shared/domain/record.ts'
import { isReplicated } from '../../../../../shared/domain/run.ts'
import { LinkedClusters } from '../../../../support/linked-clusters.ts'
import { base64 } from '../../../../support/polled-records.ts'

type Step =
  /** `copies`: the headers of the newest record there go into the new one, as stream processors do. */
  | {
      readonly kind: 'produce'
      readonly at: number
      readonly headers: readonly PolledHeader[]
      readonly copies: boolean
    }
  | {
      readonly kind: 'deliver'
      readonly link: number
      readonly count: number
      readonly again: number
      readonly lost: boolean
    }

const anyHeader: fc.Arbitrary<PolledHeader> = fc.record({
  name: fc.constantFrom('trace', '', PROVENANCE_HEADER),
  value: fc.oneof(fc.constant(null), fc.array(fc.integer({ min: -128, max: 127 }), { maxLength: 4 })),
})

const anySteps = (lost: fc.Arbitrary<boolean>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('produce' as const),
        at: fc.nat(),
        headers: fc.array(anyHeader, { maxLength: 3 }),
        copies: fc.boolean(),
      }),
      fc.record({
        kind: fc.constant('deliver' as const),
        link: fc.nat(),
        count: fc.integer({ min: 1, max: 8 }),
        again: fc.nat({ max: 5 }),
        lost,
      }),
    ),
    { maxLength: 40, size: 'max' },
  )

const LAYOUTS: readonly (readonly (readonly [string, string])[])[] = [
  [
    ['west', 'east'],
    ['east', 'west'],
  ],
  [
    ['west', 'east'],
    ['east', 'south'],
    ['south', 'west'],
  ],
  [
    ['west', 'east'],
    ['east', 'west'],
    ['east', 'south'],
    ['south', 'east'],
  ],
]

const ourHeader = ({ name }: PolledHeader): boolean => name === PROVENANCE_HEADER
const applicationsOwn = ({ headers }: PolledRecord) => headers.filter((header) => !ourHeader(header))

/** Plays the steps, then delivers everything; `produced` is what applications wrote, by value. */
const play = async (layout: (typeof LAYOUTS)[number], steps: readonly Step[]) => {
  const world = new LinkedClusters(layout)
  const clusters = [...new Set(layout.flat())]
  const produced = new Map<string, Omit<PolledRecord, 'offset'>>()
  for (const [number, step] of steps.entries()) {
    if (step.kind === 'produce') {
      const at = clusters[step.at % clusters.length] ?? ''
      const copied = step.copies ? (world.records(at).at(-1)?.headers ?? []) : []
      const record = {
        timestamp: 7,
        key: null,
        value: base64(`value ${number}`),
        headers: [...copied, ...step.headers],
      }
      produced.set(record.value, record)
      world.produce(at, record)
    } else {
      const link = world.links[step.link % world.links.length]
      if (link === undefined) continue
      const fault = {
        error: new ReplicationError('APPEND_OUTCOME_UNKNOWN', 'test'),
        afterRecords: 4,
        acknowledged: false,
      }
      if (step.lost) world.log(link.target).faults.push(fault)
      await world.deliver(link, step.count, step.again)
      world.log(link.target).faults.length = 0
    }
  }
  await world.settle()
  return { world, clusters, produced }
}

const always = (
  lost: fc.Arbitrary<boolean>,
  holds: (played: Awaited<ReturnType<typeof play>>) => void,
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom(...LAYOUTS), anySteps(lost), async (layout, steps) => {
      holds(await play(layout, steps))
    }),
  )

const never = fc.constant(false)

describe('links with provenance, whatever is produced and in whatever order it is delivered,', () => {
  it('bring each record to each cluster exactly once', () =>
    always(never, ({ world, clusters, produced }) => {
      for (const cluster of clusters) {
        const values = world.records(cluster).map(({ value }) => value)
        expect(values.toSorted()).toEqual([...produced.keys()].toSorted())
      }
    }))

  it('leave the headers of applications as they are', () =>
    always(never, ({ world, clusters, produced }) => {
      for (const record of clusters.flatMap((cluster) => world.records(cluster))) {
        const written = produced.get(record.value ?? '')
        expect(applicationsOwn(record)).toEqual(applicationsOwn({ ...record, ...written }))
      }
    }))

  it('account for every source offset by the map alone: copied or looped', () =>
    always(never, ({ world }) => {
      for (const { source, target, state } of world.links) {
        const runs = state.head({ topic: 'orders', partition: 0 })?.openRuns ?? []
        const covered = runs.reduce((sum, { length }) => sum + length, 0n)
        expect(covered).toBe(BigInt(world.records(source).length))
        const copies = runs.filter(isReplicated).flatMap((run) => {
          const offsets = Array.from({ length: Number(run.length) }, (_, at) => at)
          return offsets.map((at) => [Number(run.source) + at, Number(run.target) + at] as const)
        })
        for (const [from, to] of copies)
          expect(world.records(target)[to]?.value).toBe(world.records(source)[from]?.value)
      }
    }))

  it('let nothing go round, and lose nothing, when outcomes of appends get lost', () =>
    always(fc.boolean(), ({ world, clusters, produced }) => {
      for (const cluster of clusters)
        expect(new Set(world.records(cluster).map(({ value }) => value))).toEqual(new Set(produced.keys()))
    }))
})
