import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addCounts, noCounts } from '../../../../../shared/domain/verify/verify-report.ts'
import type { LogReader } from '../../../../../shared/usecases/log-ports.ts'
import type { VerifyDeps } from '../../../../../shared/usecases/verify/verify-ports.ts'
import { verifyRange } from '../../../../../shared/usecases/verify/verify-range.ts'
import { inTime } from '../../../../support/in-time.ts'
import { intercepted } from '../../../../support/intercepted-port.ts'
import { VerifiedPartition, worded } from '../../../../support/verified-partition.ts'

/** What goes on between two calls that verification makes. */
type Meanwhile = 'produce' | 'commit' | 'abort' | 'replicate' | 'crash' | 'retention' | 'verify'

const MEANWHILE: readonly Meanwhile[] = ['produce', 'commit', 'abort', 'replicate', 'crash', 'retention', 'verify']

/** A partition to which some of these happen before every call, as long as there are any. */
class BusyPartition {
  readonly partition = new VerifiedPartition()
  readonly #left: (readonly Meanwhile[])[]
  /** Calls are made side by side, and what happens before them comes one after the other. */
  #turn = Promise.resolve()
  #words = 0
  calls = 0
  lostSince = 0n

  constructor(meanwhile: readonly (readonly Meanwhile[])[]) {
    this.#left = [...meanwhile]
  }

  async happen(what: Meanwhile): Promise<void> {
    const { source, onSource, head } = this.partition
    const word = () => worded(`word ${this.#words++}`)
    if (what === 'produce') source.append(onSource, word(), word())
    else if (what === 'commit' || what === 'abort') source.appendTransaction(onSource, what, word())
    else if (what === 'verify') await this.verify(this.partition.deps)
    else if (what !== 'retention') await this.partition.replicate({ crash: what === 'crash' })
    else if (head !== undefined) this.#retain(head.nextSource)
  }

  /** Of what was replicated, and of holes, some goes; holes that nobody has read are lost then. */
  #retain(nextSource: bigint): void {
    const { source, onSource } = this.partition
    this.lostSince = this.lostSince + 2n < nextSource ? this.lostSince + 2n : nextSource
    source.deleteBelow(onSource, this.lostSince)
  }

  verify(deps: VerifyDeps, holesOnly = false) {
    return verifyRange({ ...this.partition.onSource, from: 0n, holesOnly }, Number.POSITIVE_INFINITY, inTime(), deps)
  }

  /** Ports that let the rest of the world go on before every call. */
  get busyDeps(): VerifyDeps {
    const { deps } = this.partition
    const before = (): Promise<void> => {
      this.calls++
      this.#turn = this.#turn.then(async () => {
        for (const what of this.#left.shift() ?? []) await this.happen(what)
      })
      return this.#turn
    }
    const around = async (_method: string, _args: readonly unknown[], call: () => unknown) => {
      await before()
      return await call()
    }
    const reader = (of: LogReader): LogReader => ({
      edges: async (...args) => before().then(() => of.edges(...args)),
      newest: async (...args) => before().then(() => of.newest(...args)),
      firstSince: async (...args) => before().then(() => of.firstSince(...args)),
      read: async (...args) => before().then(() => of.read(...args)),
      pieces: async function* (...args) {
        await before()
        for await (const piece of of.pieces(...args)) {
          yield piece
          await before()
        }
      },
    })
    const { source, target, state } = deps
    return { ...deps, source: reader(source), target: reader(target), state: intercepted(state, around) }
  }
}

const begun = async (
  first: readonly Meanwhile[],
  meanwhile: readonly (readonly Meanwhile[])[],
): Promise<BusyPartition> => {
  const busy = new BusyPartition(meanwhile)
  for (const what of ['produce', 'commit', 'replicate', ...first] as const) await busy.happen(what)
  return busy
}

const acts = (maxLength: number, of: readonly Meanwhile[]) =>
  fc.array(fc.constantFrom(...of), { maxLength, size: 'max' })
const WITHOUT_RETENTION = MEANWHILE.filter((what) => what !== 'retention')

describe('a partition that is replicated between any two calls of a verification', () => {
  it('shows no difference and no loss, and what was confirmed holds afterwards', () =>
    fc.assert(
      fc.asyncProperty(
        acts(12, WITHOUT_RETENTION),
        fc.array(acts(3, WITHOUT_RETENTION), { maxLength: 30, size: 'max' }),
        fc.boolean(),
        async (first, meanwhile, holesOnly) => {
          const busy = await begun(first, meanwhile)
          const { findings } = await busy.verify(busy.busyDeps, holesOnly)
          expect(findings).toEqual([])
          expect(await busy.partition.state.gaps(busy.partition.onSource)).toEqual([])
          await busy.happen('replicate')
          const after = await busy.verify(busy.partition.deps)
          expect(after.findings).toEqual([])
          expect(busy.partition.head?.unverifiedFrom).toBeUndefined()
        },
      ),
      { numRuns: 400 },
    ))

  it('loses nothing but holes to retention, each of them once', () =>
    fc.assert(
      fc.asyncProperty(
        acts(12, MEANWHILE),
        fc.array(acts(3, MEANWHILE), { maxLength: 30, size: 'max' }),
        fc.boolean(),
        async (first, meanwhile, holesOnly) => {
          const busy = await begun(first, meanwhile)
          const report = await busy.verify(busy.busyDeps, holesOnly)
          await busy.happen('replicate')
          const after = await busy.verify(busy.partition.deps)
          const { counts } = [report, after].reduce((sum, { counts }) => ({ counts: addCounts(sum.counts, counts) }), {
            counts: noCounts(),
          })
          expect([counts.different, counts.missing, counts.unreplicated, counts.misplaced]).toEqual([0, 0, 0, 0])
          const gaps = await busy.partition.state.gaps(busy.partition.onSource)
          for (const { kind, to } of gaps) expect([kind, to <= busy.lostSince]).toEqual(['lost', true])
          expect(busy.partition.head?.unverifiedFrom).toBeUndefined()
          expect((await busy.verify(busy.partition.deps)).counts.lost).toBe(0)
        },
      ),
      { numRuns: 400 },
    ))

  it('is one to which something happens before every call', async () => {
    const busy = await begun(
      ['abort', 'crash'],
      MEANWHILE.map((what) => [what]),
    )
    await busy.verify(busy.busyDeps)
    expect(busy.calls).toBeGreaterThan(MEANWHILE.length)
  })
})
