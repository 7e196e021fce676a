import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyVerifiedHistory } from '../../../../support/verified-history.ts'
import { VerifiedWorld } from '../../../../support/verified-world.ts'

/** `TWINSHORE_VERIFY_RUNS=20000` looks for long. */
const RUNS = Number(process.env.TWINSHORE_VERIFY_RUNS ?? 400)

describe('whatever is produced, replicated, deleted, compacted, quarantined, returned and made again', () => {
  it('verification finds what is true, and every source offset is accounted for', async () => {
    await fc.assert(
      fc.asyncProperty(anyVerifiedHistory(), async (history) => {
        expect(await VerifiedWorld.judge(history)).toEqual([])
      }),
      { numRuns: RUNS },
    )
  }, 600_000)
})
