import fc from 'fast-check'
import { anyHistory, type HistoryStep } from './partition-history.ts'

/** What befalls a partition that is verified now and then; steps that nobody else knows are about the target, or look. */
export type VerifiedStep =
  | HistoryStep
  /** Somebody writes a record to the target as if this link had, and it never did. */
  | { readonly kind: 'intrude' }
  /** The bytes of a target record change, or it is gone; the one `at` of all there are. */
  | { readonly kind: 'change' | 'remove'; readonly at: number }
  /** Retention on the target. */
  | { readonly kind: 'target-retention'; readonly takes: number }
  | { readonly kind: 'verify'; readonly holesOnly: boolean; readonly inLooks: boolean }

export interface VerifiedHistory {
  /** Whether the link writes where records come from; then what is strange on the target is native. */
  readonly provenance: boolean
  readonly steps: readonly VerifiedStep[]
}

const counted = <Kind extends 'change' | 'remove'>(kind: Kind) =>
  fc.record({ kind: fc.constant(kind), at: fc.nat({ max: 10_000 }) })

const look = fc.record({ kind: fc.constant('verify' as const), holesOnly: fc.boolean(), inLooks: fc.boolean() })

const extra: fc.Arbitrary<VerifiedStep> = fc.oneof(
  { weight: 6, arbitrary: look },
  { weight: 2, arbitrary: fc.constant<VerifiedStep>({ kind: 'intrude' }) },
  { weight: 1, arbitrary: counted('change') },
  { weight: 1, arbitrary: counted('remove') },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('target-retention' as const), takes: fc.integer({ min: 1, max: 15 }) }),
  },
)

/** Any history of a partition, with steps like these anywhere in it. Ends with a whole verification. */
export const anyVerifiedHistory = (): fc.Arbitrary<VerifiedHistory> =>
  fc
    .boolean()
    .chain((provenance) => anySteps().map((steps) => ({ provenance, steps: provenance ? steps : oneWay(steps) })))

/** Nothing comes from the target where no header says so. */
const oneWay = (steps: readonly VerifiedStep[]): readonly VerifiedStep[] =>
  steps.map((step) =>
    'slots' in step ? { ...step, slots: step.slots.map((slot) => (slot === 'looped' ? 'data' : slot)) } : step,
  )

const anySteps = (): fc.Arbitrary<readonly VerifiedStep[]> =>
  fc
    .tuple(anyHistory(), fc.array(fc.tuple(fc.nat({ max: 40 }), extra), { maxLength: 12, size: 'max' }))
    .map(([history, extras]) => {
      const steps: VerifiedStep[] = [...history]
      for (const [at, step] of extras) steps.splice(1 + (at % steps.length), 0, step)
      return [...steps, { kind: 'verify', holesOnly: false, inLooks: false }]
    })
