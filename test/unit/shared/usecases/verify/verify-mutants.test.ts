import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyVerifiedHistory } from '../../../../support/verified-history.ts'
import type { VerifiedWorld } from '../../../../support/verified-world.ts'
import { buildWith, type Change } from '../../../invariants/changed-build.ts'

interface ChangedBuild {
  readonly VerifiedWorld: Pick<typeof VerifiedWorld, 'judge'>
}

const built = (...changes: readonly Change[]) => buildWith<ChangedBuild>('../../support/verified-world.ts', changes)

const COMPARISON = 'shared/domain/verify/comparison.ts'
const WALK = 'shared/domain/verify/map-walk.ts'
const NEIGHBOURS = 'shared/domain/verify/neighbours.ts'
const RANGE = 'shared/usecases/verify/range-verification.ts'
const STREAM = 'shared/usecases/verify/log-stream.ts'
const SURROUNDINGS = 'shared/usecases/verify/surroundings.ts'

/** Deliberately broken verification, and replication that verification has to see through. */
const MUTANTS: readonly (Change & { readonly name: string })[] = [
  {
    name: 'a record that nobody replicated is passed over',
    file: COMPARISON,
    find: '      else if (gap === undefined) {',
    put: '      else if (gap !== undefined) {',
  },
  {
    name: 'one offset too many is explained by the ledger',
    file: COMPARISON,
    find: 'if (gap.from > at) rest.push({ from: at, to: gap.from })',
    put: 'if (gap.from > at + 1n) rest.push({ from: at + 1n, to: gap.from })',
  },
  {
    name: 'what retention took from the target is missing',
    file: COMPARISON,
    find: '    if (targetTrimmed) this.counts.trimmed++\n    else if',
    put: '    if',
  },
  {
    name: 'a record that is gone from the target is taken for compacted',
    file: COMPARISON,
    find: 'else if (!this.#options.compacted) this.#find',
    put: 'else if (this.#options.compacted) this.#find',
  },
  {
    name: 'holes that were lost are told and not written down',
    file: RANGE,
    find: '    await this.#deps.state.recordGap(range, gap, deadline)\n',
    put: '',
  },
  {
    name: 'holes are confirmed past a record that is in one',
    file: RANGE,
    find: 'unreplicated !== undefined && unreplicated < this.#next ? unreplicated : this.#next',
    put: 'unreplicated === undefined || unreplicated < this.#next ? this.#next : unreplicated',
  },
  {
    name: 'holes that were read are lost when retention takes them',
    file: RANGE,
    find: '    if (!stretch.trimmed || unverifiedFrom === undefined || stretch.to <= unverifiedFrom) return\n    const from = stretch.from < unverifiedFrom ? unverifiedFrom : stretch.from\n',
    put: '    if (!stretch.trimmed || unverifiedFrom === null) return\n    const from = stretch.from\n',
  },
  {
    name: 'holes are confirmed from the middle on',
    file: RANGE,
    find: 'head.unverifiedFrom === undefined || from > head.unverifiedFrom',
    put: 'head.unverifiedFrom === undefined || from < 0n',
  },
  {
    name: 'one record is left out where time was up among those that no run covers',
    file: RANGE,
    find: 'this.#uncoveredFrom = stretch.to\n',
    put: 'this.#uncoveredFrom = stretch.to + 1n\n',
  },
  {
    name: 'the same records are told again where time was up',
    file: RANGE,
    find: 'const start = larger(from, range.uncoveredFrom ?? from)',
    put: 'const start = from',
  },
  {
    name: 'the last record before a run is not looked at',
    file: WALK,
    find: "[{ kind: 'uncovered', from, to: target, before: source }]",
    put: "[{ kind: 'uncovered', from, to: target - 1n, before: source }]",
  },
  {
    name: 'what lies behind the last run is not looked at',
    file: RANGE,
    find: 'start >= targetEdges.stableEnd) return true',
    put: 'start <= targetEdges.stableEnd) return true',
  },
  {
    name: 'copies wait for no record behind them',
    file: NEIGHBOURS,
    find: 'for (const _ of copies) this.#onDuplicate()',
    put: 'for (const _ of copies) this.#onForeign(0n)',
  },
  {
    name: 'the last record of a stretch is dropped',
    file: STREAM,
    find: 'firstAt(held.records, ({ offset }) => offset >= end)',
    put: 'firstAt(held.records, ({ offset }) => offset >= end - 1n)',
  },
  {
    name: 'nobody looks back for what target records are copies of',
    file: SURROUNDINGS,
    find: 'if (!this.#comparison.isWaiting || this.#lookedBack) return',
    put: 'if (this.#comparison.isWaiting || this.#lookedBack) return',
  },
  {
    name: 'replication takes a hole for empty',
    file: 'shared/domain/progress.ts',
    find: 'unverifiedFrom: head.unverifiedFrom ?? firstHole?.from',
    put: 'unverifiedFrom: firstHole?.from && undefined',
  },
  {
    name: 'replication writes no loss down',
    file: 'shared/usecases/replication/remember-progress.ts',
    find: '    await state.recordGap(batch, gap, deadline)\n',
    put: '',
  },
  {
    name: 'replication writes no quarantined record down',
    file: 'shared/usecases/replication/set-aside.ts',
    find: '  await state.recordGap(partition, gap, deadline)\n',
    put: '',
  },
]

const BOUNDED = { seed: 7, numRuns: 600, endOnFailure: true }

describe('a deliberately broken build', () => {
  it.each(MUTANTS)('where $name is found out', async ({ name: _, ...change }) => {
    const { VerifiedWorld } = await built(change)
    const sound = fc.asyncProperty(anyVerifiedHistory(), async (history) => {
      const violations = await VerifiedWorld.judge(history)
      return violations.length === 0
    })
    expect((await fc.check(sound, BOUNDED)).failed).toBe(true)
  })

  it('is not the code as it is', async () => {
    const { VerifiedWorld } = await built()
    const sound = fc.asyncProperty(anyVerifiedHistory(), async (history) => {
      expect(await VerifiedWorld.judge(history)).toEqual([])
    })
    await fc.assert(sound, { seed: 7, numRuns: 50 })
  })
})
