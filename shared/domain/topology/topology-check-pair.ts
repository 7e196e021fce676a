import type { Link, LinkInput, Pair } from './topology.ts'
import { isName } from './topology-check-cluster.ts'
import type { Written } from './topology-complete.ts'
import { type Mistake, mistakeIf, repeated } from './topology-mistake.ts'
import { stagesOf } from './topology-stages.ts'

const sameClusters = ({ part }: Written<Pair>): string => part.clusters.toSorted().join(' ')

/** `written` has also the links that are no use for other reasons: their mistakes are told already. */
export const checkPairs = (
  pairs: readonly Written<Pair>[],
  links: readonly Link[],
  written: readonly LinkInput[],
): readonly Mistake[] => [
  ...pairs.flatMap(({ path, part }) => checkPair(path, part, written)),
  ...repeated(pairs, sameClusters).flatMap(({ one, earlier }) =>
    mistakeIf(true, `${one.path}.clusters`, `are the clusters of ${earlier.path} too`, 'have one pair of them'),
  ),
  ...checkStages(pairs, links),
]

const checkStages = (pairs: readonly Written<Pair>[], links: readonly Link[]): readonly Mistake[] => {
  const all = pairs.map(({ part }) => part)
  return repeated(stagesOf(all, links), ({ name }) => name).flatMap(({ one }) =>
    mistakeIf(true, 'pairs', `two stages would be called ${one.name}`, 'name pairs, and links without a pair, apart'),
  )
}

const checkPair = (path: string, { name, clusters }: Pair, written: readonly LinkInput[]): readonly Mistake[] => {
  const [one, other] = clusters
  const ends = [one, other].toSorted().join(' ')
  const linked = written.some((link) => [link?.source, link?.target].toSorted().join(' ') === ends)
  return [
    ...mistakeIf(!isName(name), `${path}.name`, `${name} is no usable name`, 'use a-z, 0-9 and -'),
    ...mistakeIf(one === other, `${path}.clusters`, `${one} cannot stand in for itself`, 'name two clusters'),
    ...mistakeIf(
      !linked,
      `${path}.clusters`,
      `no link leads from ${one} to ${other} or back`,
      'add one, or leave the pair out',
    ),
  ]
}
