import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyHistory } from '../../support/partition-history.ts'
import { buildWith, type Change } from './changed-build.ts'
import { INVARIANTS, type violatedBy } from './invariants.ts'
import { MUTANTS, type Mutant } from './mutants.ts'

/** So small that a history of a hundred offsets fills several pages, and one invocation sometimes seals more than one. */
const SMALL_PAGES: Change = {
  file: 'shared/domain/offset-map.ts',
  find: '{ openRunsBytes: 640, pageBytes: 3_500 }',
  put: '{ openRunsBytes: 12, pageBytes: 20 }',
}
const BOUNDED = { seed: 5, numRuns: 400, endOnFailure: true }
/** How many histories show that a fault breaks nothing else. */
const SPARED = { seed: 5, numRuns: 40 }

interface ChangedBuild {
  readonly violatedBy: typeof violatedBy
}

const built = (changes: readonly Change[]) => buildWith<ChangedBuild>('invariants.ts', [SMALL_PAGES, ...changes])

/** Whether a history is found after which the invariant does not hold. */
const isBroken = async ({ violatedBy }: ChangedBuild, id: string, amid: Mutant['amid']): Promise<boolean> => {
  const holds = fc.asyncProperty(anyHistory(amid), async (history) => !(await violatedBy(history)).has(id))
  return (await fc.check(holds, BOUNDED)).failed
}

const allBroken = async ({ violatedBy }: ChangedBuild, amid: Mutant['amid']): Promise<readonly string[]> => {
  const broken = new Set<string>()
  for (const history of fc.sample(anyHistory(amid), SPARED))
    for (const id of (await violatedBy(history)).keys()) broken.add(id)
  return [...broken]
}

describe('a build that is the code but for smaller pages', () => {
  it('breaks no invariant', async () => {
    const { violatedBy } = await built([])
    const sound = fc.asyncProperty(anyHistory(), async (history) => {
      expect(await violatedBy(history)).toEqual(new Map())
    })
    await fc.assert(sound, { numRuns: 300 })
  })
})

describe('a deliberately broken build', () => {
  it.each(MUTANTS)('where $name breaks $breaks', async ({ breaks, alone, amid, ...change }) => {
    const build = await built([change])
    const found: string[] = []
    for (const id of breaks) if (await isBroken(build, id, amid)) found.push(id)
    expect(found).toEqual(breaks)
    const others = alone ? await allBroken(build, amid) : []
    expect(others.filter((id) => !breaks.includes(id))).toEqual([])
  })

  it('exists for every invariant', () => {
    const broken = new Set(MUTANTS.flatMap(({ breaks }) => breaks))
    expect(INVARIANTS.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([])
  })
})
