import { anchored, isMatched, literalBeginning, type NamePattern } from '../topics/name-pattern.ts'
import { checkPatterns } from './topology-check-patterns.ts'
import type { WrittenLink } from './topology-complete.ts'
import { type Mistake, mistakeIf, repeated } from './topology-mistake.ts'

/** What is wrong with what a link says of consumer groups. `links`: all of the topology, whose own groups stay where they are. */
export const checkGroups = (links: readonly WrittenLink[]): readonly Mistake[] =>
  links.flatMap((link) => [
    ...(['groups', 'excludeGroups'] as const).flatMap((field) =>
      checkPatterns(`${link.path}.${field}`, link.input[field] ?? []),
    ),
    ...checkSelection(link, ownBeginnings(links)),
    ...checkRewinds(link),
  ])

/** What the names of Twinshore's own groups begin with, see `consumerGroup` and `commitGroup`. */
const ownBeginnings = (links: readonly WrittenLink[]): readonly string[] => [
  'twinshore-commits.',
  ...links.map(({ part: { installation, name } }) => `${installation}.${name}.`),
]

const checkSelection = ({ path, part, input }: WrittenLink, own: readonly string[]): readonly Mistake[] => {
  const { groups } = input
  if (groups === undefined) return []
  return [
    ...mistakeIf(
      groups.length === 0,
      `${path}.groups`,
      'no group would follow',
      'leave it out for all groups, or say syncGroups: false',
    ),
    ...repeated(groups, String).flatMap(({ one }) =>
      mistakeIf(true, `${path}.groups`, `${one} is named twice`, 'name it once'),
    ),
    ...groups.flatMap((group, index) => checkGroup(`${path}.groups[${index}]`, group, own)),
    ...groups.flatMap((group) =>
      mistakeIf(
        typeof group === 'string' && isMatched(group, part.excludeGroups),
        `${path}.excludeGroups`,
        `${group} is excluded, and named in groups as well`,
        'decide on one of them',
      ),
    ),
  ]
}

const checkGroup = (path: string, group: NamePattern, own: readonly string[]): readonly Mistake[] => {
  const beginning = literalBeginning(anchored(group))
  return mistakeIf(
    own.some((one) => beginning.startsWith(one)),
    path,
    `${group} can only mean groups of Twinshore's own, whose positions belong to one cluster`,
    'leave it out, or name the groups of your applications',
  )
}

const checkRewinds = ({ path, part }: WrittenLink): readonly Mistake[] =>
  mistakeIf(
    part.followRewinds && !part.syncGroups,
    `${path}.followRewinds`,
    'no position follows at all while syncGroups is false, so that none is set back either',
    'leave one of the two out',
  )
