/** How a group came through a move, in one partition. */
export interface Resumption {
  /** Records that it had read before, and got again. */
  readonly again: number
  /** Records that it had not read, and never got. */
  readonly skipped: number
}

interface Moved {
  /** The number of the first record that it had not read. */
  readonly unread: number
  /** How many records there are, numbered from 0. */
  readonly records: number
}

/** `numbers`: what it got after the move, in order, up to the first record that it had not read or to the end. */
export const resumption = (numbers: readonly number[], { unread, records }: Moved): Resumption => {
  const firstNew = numbers.find((number) => number >= unread) ?? records
  return { again: numbers.filter((number) => number < unread).length, skipped: firstNew - unread }
}

/** Whether enough was read to judge: what comes after the first unread record is not asked about. */
export const isJudged = (numbers: readonly number[], { unread, records }: Moved): boolean => {
  const last = numbers.at(-1)
  return last !== undefined && (last >= unread || last === records - 1)
}
