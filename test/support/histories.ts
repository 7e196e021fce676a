import fc from 'fast-check'

/** What is at one offset of the source. A poller that reads committed sees `data`, `filtered`, `quarantined` and `looped`. */
export type Slot = 'data' | 'marker' | 'aborted' | 'compacted' | 'filtered' | 'quarantined' | 'looped'

/** Where an invocation ends. `sleep`: it appended, and goes on at some later `wake`; `answer-lost`: it did everything. */
export type Crash = 'none' | 'before-append' | 'after-append' | 'after-seal' | 'answer-lost' | 'sleep'

export type Step =
  /** `foreign`: somebody else writes to the target before every source offset that this divides; 0: nobody does. */
  | { readonly kind: 'deliver'; readonly count: number; readonly crash: Crash; readonly foreign: number }
  /** The poller goes back `back` offsets. */
  | { readonly kind: 'redeliver'; readonly back: number }
  | { readonly kind: 'foreign'; readonly count: number }
  | { readonly kind: 'wake' }
  /** The topic is deleted and created again, with these records. */
  | { readonly kind: 'recreate'; readonly slots: readonly Slot[] }

export interface History {
  readonly slots: readonly Slot[]
  readonly steps: readonly Step[]
}

export interface Accidents {
  readonly zombies?: boolean
  readonly recreation?: boolean
}

const slotsOf = (data: number, hole: number, looped: number): fc.Arbitrary<Slot[]> =>
  fc.array(
    fc.oneof(
      { weight: data, arbitrary: fc.constant<Slot>('data') },
      { weight: hole, arbitrary: fc.constantFrom<Slot>('marker', 'aborted', 'compacted', 'filtered', 'quarantined') },
      { weight: looped, arbitrary: fc.constant<Slot>('looped') },
    ),
    { maxLength: 150, size: 'max' },
  )

/** One way; both ways; and where hardly anything is written but what comes from the other side. */
const anySlots = fc.oneof(slotsOf(6, 4, 0), slotsOf(4, 2, 4), slotsOf(1, 6, 9))

const anyCrash = (zombies: boolean): fc.Arbitrary<Crash> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Crash>('none') },
    { weight: 2, arbitrary: fc.constantFrom<Crash>('before-append', 'after-append', 'after-seal', 'answer-lost') },
    { weight: zombies ? 1 : 0, arbitrary: fc.constant<Crash>('sleep') },
  )

const anyStep = ({ zombies = false, recreation = false }: Accidents): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant('deliver' as const),
        count: fc.integer({ min: 1, max: 25 }),
        crash: anyCrash(zombies),
        foreign: fc.constantFrom(0, 0, 0, 3, 7),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('redeliver' as const), back: fc.integer({ min: 1, max: 60 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('foreign' as const), count: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: zombies ? 2 : 0, arbitrary: fc.constant<Step>({ kind: 'wake' }) },
    { weight: recreation ? 1 : 0, arbitrary: fc.record({ kind: fc.constant('recreate' as const), slots: anySlots }) },
  )

export const anyHistory = (accidents: Accidents = {}): fc.Arbitrary<History> =>
  fc.record({ slots: anySlots, steps: fc.array(anyStep(accidents), { maxLength: 40, size: 'max' }) })
