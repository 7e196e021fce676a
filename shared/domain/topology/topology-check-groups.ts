import { groupSelection } from '../groups/group-selection.ts'
import { anchored, isMatched, literalBeginning, type NamePattern } from '../topics/name-pattern.ts'
import type { Link } from './topology.ts'
import { checkPatterns } from './topology-check-patterns.ts'
import type { WrittenLink } from './topology-complete.ts'
import { type Mistake, mistakeIf, repeated } from './topology-mistake.ts'

/** What is wrong with what a link says of consumer groups. `links`: all of the topology, whose own groups stay where they are. */
export const checkGroups = (links: readonly WrittenLink[]): readonly Mistake[] => {
  const linkNames = links.map(({ part }) => part.name)
  return links.flatMap((link) => [
    ...(['groups', 'excludeGroups'] as const).flatMap((field) =>
      checkPatterns(`${link.path}.${field}`, link.input[field] ?? []),
    ),
    ...checkSelection(link, linkNames),
    ...checkRewinds(link),
  ])
}

const checkSelection = ({ path, part, input }: WrittenLink, linkNames: readonly string[]): readonly Mistake[] => {
  const { groups } = input
  if (groups === undefined) return []
  const stays = staysAlways(part, linkNames)
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
    ...groups.flatMap((group, index) => checkGroup(`${path}.groups[${index}]`, group, stays)),
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

/** Why a group that begins so is moved by no link, whatever it says. */
const staysAlways = (
  { installation }: Link,
  linkNames: readonly string[],
): ((beginning: string) => string | undefined) => {
  const choice = { installation, groups: [anchored(/.*/)], excludeGroups: [] }
  const verdict = groupSelection(choice, linkNames)
  return (beginning) => verdict({ group: beginning, life: 'empty' })?.detail
}

/** Reasons look at how names begin, so that what holds for a beginning holds for every name that has it. */
const checkGroup = (
  path: string,
  group: NamePattern,
  stays: (beginning: string) => string | undefined,
): readonly Mistake[] => {
  const why = stays(literalBeginning(anchored(group)))
  return mistakeIf(
    why !== undefined,
    path,
    `${group} can only mean groups that no link moves: ${why}`,
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
