import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyVerifiedHistory, type VerifiedHistory } from '../../../../support/verified-history.ts'
import { VerifiedWorld } from '../../../../support/verified-world.ts'

/** `TWINSHORE_VERIFY_RUNS=20000` looks for long. */
const RUNS = Number(process.env.TWINSHORE_VERIFY_RUNS ?? 400)

/** Twenty-one findings of two kinds, one more than a look tells. */
const MORE_THAN_TOLD: VerifiedHistory = {
  provenance: false,
  steps: [
    { kind: 'produce', slots: Array.from({ length: 30 }, () => 'data') },
    { kind: 'deliver', count: 3, accident: { kind: 'none' } },
    { kind: 'remove', at: 0 },
    { kind: 'remove', at: 1 },
    { kind: 'seek', by: 19 },
    { kind: 'deliver', count: 1, accident: { kind: 'none' } },
    { kind: 'verify', holesOnly: false, inLooks: false },
  ],
}

describe('whatever is produced, replicated, deleted, compacted, quarantined, returned and made again', () => {
  it('verification finds what is true, and every source offset is accounted for', async () => {
    await fc.assert(
      fc.asyncProperty(anyVerifiedHistory(), async (history) => {
        expect(await VerifiedWorld.judge(history)).toEqual([])
      }),
      { numRuns: RUNS, examples: [[MORE_THAN_TOLD]] },
    )
  }, 600_000)
})
