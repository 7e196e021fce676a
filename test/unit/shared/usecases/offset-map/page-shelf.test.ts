import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Page } from '../../../../../shared/domain/head.ts'
import { seal } from '../../../../../shared/domain/offset-map.ts'
import { type Run, sourceEnd, targetEnd } from '../../../../../shared/domain/run.ts'
import { shelved } from '../../../../../shared/usecases/offset-map/page-shelf.ts'
import type { OffsetMapPages } from '../../../../../shared/usecases/ports.ts'
import { FakeLinkState } from '../../../../fakes/link-state.ts'
import { anyRuns } from '../../../../support/any-runs.ts'
import { inTime } from '../../../../support/in-time.ts'

const ID = { topic: 'orders', partition: 0 }
interface Question {
  readonly by: 'source' | 'target' | 'age'
  readonly at: bigint
}

const BY: readonly Question['by'][] = ['source', 'target', 'age']

/** At the edges of runs, and anywhere. */
const questionsAbout = (runs: readonly Run[]): fc.Arbitrary<Question[]> => {
  const edges = runs.flatMap((run) => [run.source, run.target, sourceEnd(run), targetEnd(run)])
  const at = fc.oneof(fc.constantFrom(...edges, ...edges.map((edge) => edge + 1n)), fc.bigInt(0n, 1n << 22n))
  return fc.array(fc.record({ by: fc.constantFrom(...BY), at }), { minLength: 5, maxLength: 60 })
}

const asked = anyRuns({ minLength: 2, maxLength: 30 }).chain((runs) =>
  fc.tuple(fc.constant(runs), questionsAbout(runs)),
)

const ask = (pages: OffsetMapPages, { by, at }: Question): Promise<Page | undefined> => {
  if (by === 'age') return pages.oldestPage(ID, 'a', inTime())
  return by === 'source' ? pages.pageAtSource(ID, 'a', at, inTime()) : pages.pageAtTarget(ID, 'a', at, inTime())
}

describe('pages that are read once', () => {
  it('are the pages that would be read anew, whatever is asked in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(asked, async ([runs, questions]) => {
        const state = new FakeLinkState()
        const { pages } = seal({ incarnation: 'a', openRuns: runs }, { openRunsBytes: 8, pageBytes: 24 })
        await state.seal(ID, pages)
        const shelf = shelved(state)
        for (const one of questions) expect(await ask(shelf, one)).toEqual(await ask(state, one))
      }),
    )
  })
})
