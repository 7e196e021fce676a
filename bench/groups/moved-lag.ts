import type { Resumption } from './resumption.ts'

/** Groups of one lag after the move, over partitions. */
export interface MovedLag {
  readonly lag: number
  readonly partitions: readonly Resumption[]
  /** Partitions in which the group got no position. */
  readonly nowhere: number
}

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0)

export const againOf = (moved: readonly MovedLag[]): readonly number[] =>
  moved.flatMap(({ partitions }) => partitions.map(({ again }) => again))

export const skippedOf = (moved: readonly MovedLag[]): number =>
  sum(moved.flatMap(({ partitions }) => partitions.map(({ skipped }) => skipped)))

export const nowhereOf = (moved: readonly MovedLag[]): number => sum(moved.map(({ nowhere }) => nowhere))

/** Nothing again, nothing skipped, and a position everywhere; false when nothing was moved at all. */
export const isExact = (moved: readonly MovedLag[]): boolean =>
  moved.some(({ partitions }) => partitions.length > 0) &&
  sum(againOf(moved)) + skippedOf(moved) + nowhereOf(moved) === 0

const whole = (figure: number): string => figure.toLocaleString('en-US')

/** For a table: least to most, and whatever is worse than reading again. */
export const formatMoved = (moved: readonly MovedLag[]): string => {
  const again = againOf(moved).toSorted((one, other) => one - other)
  const [least, most] = [again.at(0), again.at(-1)]
  const parts: string[] = []
  if (least !== undefined && most !== undefined)
    parts.push(least === most ? whole(least) : `${whole(least)} to ${whole(most)}`)
  if (nowhereOf(moved) > 0) parts.push(`${nowhereOf(moved)} without a position`)
  if (skippedOf(moved) > 0) parts.push(`${whole(skippedOf(moved))} skipped`)
  return parts.join(', ')
}
