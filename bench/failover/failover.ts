import type { BenchOptions, BenchPart, Report } from '../bench-part.ts'
import { formatFigure } from '../spread.ts'
import { FailoverPair, STILL_MS } from './failover-pair.ts'
import { type MeasuredSize, reportFailover } from './failover-report.ts'
import { awaitedMs, type FailoverRound } from './failover-round.ts'

interface Size {
  readonly topics: number
  /** One after the other on the same world. */
  readonly groups: readonly number[]
}

const SIZES: Record<'full' | 'quick', { readonly rounds: number; readonly sizes: readonly Size[] }> = {
  full: {
    rounds: 3,
    sizes: [
      { topics: 10, groups: [10, 100] },
      { topics: 100, groups: [10, 100] },
      { topics: 300, groups: [300] },
    ],
  },
  quick: {
    rounds: 1,
    sizes: [
      { topics: 10, groups: [10] },
      { topics: 100, groups: [100] },
    ],
  },
}

const FUNCTION_TIMEOUT_MS = 15_000

const measure = async (
  { topics, groups }: Size,
  rounds: number,
  { folder, say }: BenchOptions,
): Promise<readonly MeasuredSize[]> => {
  say(`failover: bringing up a pair for ${topics} topics`)
  const pair = await FailoverPair.start({ topics, functionTimeoutMs: FUNCTION_TIMEOUT_MS, folder, say })
  try {
    const measured: MeasuredSize[] = []
    for (const count of groups) {
      const taken: FailoverRound[] = []
      for (let round = 1; round <= rounds; round++) {
        const one = await pair.failOver(count)
        taken.push(one)
        say(`failover: ${topics} topics, ${count} groups, round ${round} of ${rounds}: ${told(one)}`)
      }
      measured.push({ topics, groups: count, rounds: taken })
    }
    return measured
  } finally {
    await pair.stop()
  }
}

const told = (round: FailoverRound): string => {
  const each = [...round.steps].map(([step, ms]) => `${step} ${formatFigure(ms / 1_000)}`)
  return `${formatFigure(round.ownMs / 1_000)} s, ${formatFigure(awaitedMs(round) / 1_000)} of them awaited; ${each.join(', ')}`
}

const run = async (options: BenchOptions): Promise<Report> => {
  const { rounds, sizes } = options.quick ? SIZES.quick : SIZES.full
  const measured: MeasuredSize[] = []
  for (const size of sizes) measured.push(...(await measure(size, rounds, options)))
  return reportFailover(measured, { stillMs: STILL_MS, functionTimeoutMs: FUNCTION_TIMEOUT_MS })
}

export const failover: BenchPart = {
  name: 'failover',
  about: 'How long each step of a planned failover takes, and how that grows with topics and groups',
  quickSizes: '1 round instead of 3, of 10 topics with 10 groups and 100 with 100 instead of up to 300 with 300',
  run,
}
