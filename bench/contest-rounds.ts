import { type Sample, sampleOf } from './spread.ts'

/**
 * Lets contestants take turns, A B C A B C, so that a slow minute of the machine does not fall on one of them alone, and
 * returns the figures of each, round by round.
 */
export const takeTurns = async <Name extends string, Figures>(
  names: readonly Name[],
  rounds: number,
  run: (name: Name, round: number) => Promise<Figures>,
): Promise<ReadonlyMap<Name, readonly Figures[]>> => {
  const figures = new Map<Name, Figures[]>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) for (const name of names) figures.get(name)?.push(await run(name, round))
  return figures
}

/** One figure of a contestant over all rounds. */
export const sample = <Name extends string, Figures>(
  figures: ReadonlyMap<Name, readonly Figures[]>,
  name: Name,
  read: (figures: Figures) => number,
): Sample => sampleOf((figures.get(name) ?? []).map(read))
