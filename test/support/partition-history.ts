import fc from 'fast-check'

/** What is at one offset of the source. A poller that reads committed brings `data`, `quarantined` and `looped`. */
export type Slot = 'data' | 'marker' | 'aborted' | 'compacted' | 'quarantined' | 'looped'

export type Accident =
  | { readonly kind: 'none' }
  /** It dies at its `at`-th call of a port, before or after the effect. */
  | { readonly kind: 'killed'; readonly at: number; readonly when: 'before' | 'after' }
  /**
   * It stands still at its `at`-th call and goes on when it is woken, if ever. Not before the second, when it has read
   * the checkpoint: no event says of which life its records are, and one that begins in another life is that life's.
   */
  | { readonly kind: 'asleep'; readonly at: number }
  /** The target takes so many records and fails; unless it acknowledged them, nobody knows that they are there. */
  | { readonly kind: 'cut'; readonly after: number; readonly acknowledged: boolean }
  /** Everything was done, and the poller does not hear of it. */
  | { readonly kind: 'answer-lost' }

export type HistoryStep =
  | { readonly kind: 'produce'; readonly slots: readonly Slot[] }
  | { readonly kind: 'deliver'; readonly count: number; readonly accident: Accident }
  /** A later batch comes first: the one of `count` records that lies `past` records further on. */
  | { readonly kind: 'overtake'; readonly past: number; readonly count: number }
  /** The group of the poller is moved by so many offsets. */
  | { readonly kind: 'seek'; readonly by: number }
  | { readonly kind: 'wake' }
  /** Somebody else writes to the target. */
  | { readonly kind: 'foreign'; readonly count: number }
  | { readonly kind: 'retention'; readonly takes: number }
  /** The cleaner takes every `every`-th record. */
  | { readonly kind: 'compaction'; readonly every: number }
  /** The topic is deleted and created again; the position of the poller's group may outlive that. */
  | { readonly kind: 'recreate'; readonly slots: readonly Slot[]; readonly positionStays: boolean }
  /** The link takes notice of it, begins the map of the new life, and has it read from its beginning. */
  | { readonly kind: 'adopt' }

export type History = readonly HistoryStep[]

/** Which accidents befall a partition besides crashes and deliveries that come again. */
export interface Perils {
  readonly zombies: boolean
  /** Retention and compaction. */
  readonly cleaning: boolean
  readonly recreation: boolean
  /** Batches out of order, and groups of pollers that are moved on. */
  readonly skips: boolean
}

const slotsOf = (data: number, hole: number, looped: number, maxLength: number): fc.Arbitrary<Slot[]> =>
  fc.array(
    fc.oneof(
      { weight: data, arbitrary: fc.constant<Slot>('data') },
      { weight: hole, arbitrary: fc.constantFrom<Slot>('marker', 'aborted', 'compacted', 'quarantined') },
      { weight: looped, arbitrary: fc.constant<Slot>('looped') },
    ),
    { minLength: 1, maxLength, size: 'max' },
  )

/** One way; both ways; and where hardly anything is written but what comes from the other side. */
const anySlots = (maxLength: number): fc.Arbitrary<Slot[]> =>
  fc.oneof(slotsOf(6, 4, 0, maxLength), slotsOf(4, 2, 4, maxLength), slotsOf(1, 6, 9, maxLength))

const anyAccident = ({ zombies }: Perils): fc.Arbitrary<Accident> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant<Accident>({ kind: 'none' }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('killed' as const),
        at: fc.integer({ min: 1, max: 10 }),
        when: fc.constantFrom('before' as const, 'after' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('cut' as const),
        after: fc.integer({ min: 0, max: 9 }),
        acknowledged: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.constant<Accident>({ kind: 'answer-lost' }) },
    {
      weight: zombies ? 2 : 0,
      arbitrary: fc.record({ kind: fc.constant('asleep' as const), at: fc.integer({ min: 2, max: 9 }) }),
    },
  )

const counted = <Kind extends string, Name extends string>(kind: Kind, name: Name, min: number, max: number) =>
  fc.integer({ min, max }).map((count) => ({ kind, [name]: count }) as { kind: Kind } & Record<Name, number>)

const anyStep = (perils: Perils): fc.Arbitrary<HistoryStep> => {
  const { zombies, cleaning, recreation, skips } = perils
  const count = fc.integer({ min: 1, max: 25 })
  const accident = anyAccident(perils)
  return fc.oneof(
    { weight: 14, arbitrary: fc.record({ kind: fc.constant('deliver' as const), count, accident }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('produce' as const), slots: anySlots(20) }) },
    { weight: 2, arbitrary: counted('seek', 'by', -60, -1) },
    { weight: 1, arbitrary: counted('foreign', 'count', 1, 4) },
    { weight: zombies ? 2 : 0, arbitrary: fc.constant<HistoryStep>({ kind: 'wake' }) },
    { weight: cleaning ? 2 : 0, arbitrary: counted('retention', 'takes', 1, 40) },
    { weight: cleaning ? 1 : 0, arbitrary: counted('compaction', 'every', 1, 5) },
    { weight: skips ? 1 : 0, arbitrary: counted('seek', 'by', 1, 12) },
    {
      weight: skips ? 1 : 0,
      arbitrary: fc.record({ kind: fc.constant('overtake' as const), past: fc.integer({ min: 1, max: 6 }), count }),
    },
    {
      weight: recreation ? 2 : 0,
      arbitrary: fc.record({
        kind: fc.constant('recreate' as const),
        slots: anySlots(80),
        positionStays: fc.boolean(),
      }),
    },
    { weight: recreation ? 3 : 0, arbitrary: fc.constant<HistoryStep>({ kind: 'adopt' }) },
  )
}

/** A partition that has records at first, and what befalls it; without `perils`, any of them or none. */
export const anyHistory = (perils: Partial<Perils> = {}): fc.Arbitrary<History> =>
  anyPerils(perils).chain((met) =>
    fc
      .tuple(anySlots(100), fc.array(anyStep(met), { maxLength: 30, size: 'max' }))
      .map(([slots, steps]) => [{ kind: 'produce', slots }, ...steps]),
  )

const anyPerils = (perils: Partial<Perils>): fc.Arbitrary<Perils> => {
  const met = (name: keyof Perils): fc.Arbitrary<boolean> => {
    const chosen = perils[name]
    return chosen === undefined ? fc.boolean() : fc.constant(chosen)
  }
  return fc.record({
    zombies: met('zombies'),
    cleaning: met('cleaning'),
    recreation: met('recreation'),
    skips: met('skips'),
  })
}
