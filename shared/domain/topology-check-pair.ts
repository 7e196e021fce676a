import type { Link, Pair } from './topology.ts'
import { isName } from './topology-check-cluster.ts'
import type { Written } from './topology-complete.ts'
import { type Mistake, mistakeIf, repeated } from './topology-mistake.ts'
import { stagesOf } from './topology-stages.ts'

const sameClusters = ({ part }: Written<Pair>): string => part.clusters.toSorted().join(' ')

export const checkPairs = (pairs: readonly Written<Pair>[], links: readonly Link[]): readonly Mistake[] => [
  ...pairs.flatMap(({ path, part }) => checkPair(path, part)),
  ...repeated(pairs, sameClusters).flatMap(({ one, earlier }) =>
    mistakeIf(true, `${one.path}.clusters`, `are the clusters of ${earlier.path} too`, 'have one pair of them'),
  ),
  ...repeated(
    stagesOf(
      pairs.map(({ part }) => part),
      links,
    ),
    ({ name }) => name,
  ).flatMap(({ one }) =>
    mistakeIf(
      true,
      'pairs',
      `two stages would be called ${one.name}`,
      'give each pair and each link without a pair a name of its own',
    ),
  ),
]

const checkPair = (path: string, { name, clusters: [one, other], links }: Pair): readonly Mistake[] => [
  ...mistakeIf(
    !isName(name),
    `${path}.name`,
    `${name} is no usable name`,
    'use a-z, 0-9 and -, beginning with a letter',
  ),
  ...mistakeIf(one === other, `${path}.clusters`, `${one} cannot stand in for itself`, 'name two clusters'),
  ...mistakeIf(
    links.length === 0,
    `${path}.clusters`,
    `no link leads from ${one} to ${other} or back`,
    'add a link, or leave the pair out',
  ),
]
