import { type PartitionId, partitionName } from '../record.ts'
import type { CheckFinding, PreflightAsk } from './preflight-check.ts'
import type { PreflightFacts, Told } from './preflight-facts.ts'

/** One sentence of the preflight: pure, and never good where something is not known. */
export type Judge = (facts: PreflightFacts, ask: PreflightAsk) => CheckFinding

/** What is said when nobody can tell. */
export const unknown = (limit: string, because: string): CheckFinding => ({
  measured: 'unknown',
  limit,
  verdict: 'unknown',
  detail: because,
})

export const told = <T>(fact: Told<T>, limit: string, judge: (value: T) => CheckFinding): CheckFinding =>
  fact.kind === 'told' ? judge(fact.value) : unknown(limit, fact.because)

export const passes = (measured: string, limit: string, detail = ''): CheckFinding => ({
  measured,
  limit,
  verdict: 'pass',
  detail,
})

export const fails = (measured: string, limit: string, detail: string): CheckFinding => ({
  measured,
  limit,
  verdict: 'fail',
  detail,
})

export const warns = (measured: string, limit: string, detail: string): CheckFinding => ({
  measured,
  limit,
  verdict: 'warn',
  detail,
})

const MOST_NAMED = 5

/** The first few, and how many more there are. */
export const named = (names: readonly string[]): string => {
  const more = names.length - MOST_NAMED
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? `, and ${more} more` : ''}`
}

export const namedPartitions = (partitions: readonly PartitionId[]): string => named(partitions.map(partitionName))

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** As a person reads a time: the largest unit that leaves it at one or more. */
export const lasting = (ms: number): string => {
  const seconds = ms / 1_000
  const [value, unit] =
    seconds < 120
      ? [seconds, 's']
      : seconds < 7_200
        ? [seconds / 60, 'min']
        : seconds < 172_800
          ? [seconds / 3_600, 'h']
          : [seconds / 86_400, 'd']
  return `${Math.round(value * 10) / 10} ${unit}`
}
