import { commitGroup, consumerGroup } from '../link-names.ts'
import { isMatched } from '../topics/name-pattern.ts'
import type { Link } from '../topology/topology.ts'
import type { ListedGroup } from './group-facts.ts'

export type GroupLeftOutBecause = 'twinshore' | 'internal' | 'console' | 'share' | 'excluded' | 'not-included'

export interface LeftOutGroup {
  readonly group: string
  readonly because: GroupLeftOutBecause
  readonly detail: string
}

const DETAILS: Readonly<Record<GroupLeftOutBecause, string>> = {
  twinshore: 'Twinshore reads, or commits, as this group itself',
  internal: 'a cluster or a framework keeps its own state as this group',
  console: 'a console consumer used it once',
  share: 'a share group has no positions that could be moved',
  excluded: 'the link excludes it',
  'not-included': 'the link has no pattern for it',
}

/** What of a link decides which groups it moves. */
export type GroupChoice = Pick<Link, 'installation' | 'groups' | 'excludeGroups'>

/** Decides for each group of the source; `undefined`: it is moved. `linkNames`: of all links of the installation. */
export const groupSelection = (
  choice: GroupChoice,
  linkNames: readonly string[],
): ((group: ListedGroup) => LeftOutGroup | undefined) => {
  const ours = ownBeginnings(choice.installation, linkNames)
  return (group) => {
    const because = reasonFor(group, choice, ours)
    return because && { group: group.group, because, detail: DETAILS[because] }
  }
}

/** What the names of the groups begin with that pollers and transactions of the installation use. */
const ownBeginnings = (installation: string, linkNames: readonly string[]): readonly string[] => {
  const anyLink = { installation: '', name: '' }
  const commits = commitGroup(anyLink, '').slice(0, -consumerGroup(anyLink, '').length)
  return [commits, ...linkNames.map((name) => consumerGroup({ installation, name }, ''))]
}

const reasonFor = (
  { group, kind }: ListedGroup,
  { groups, excludeGroups }: GroupChoice,
  ours: readonly string[],
): GroupLeftOutBecause | undefined => {
  if (ours.some((beginning) => group.startsWith(beginning))) return 'twinshore'
  if (group.startsWith('__')) return 'internal'
  if (group.startsWith('console-consumer-')) return 'console'
  if (kind === 'share') return 'share'
  if (isMatched(group, excludeGroups)) return 'excluded'
  return isMatched(group, groups) ? undefined : 'not-included'
}
