import type { Link } from './topology.ts'

/** What follows the source by itself, each by a function of its own. */
export type Followed = 'topics' | 'groups' | 'access'

/** What of it follows on a link, in the order in which it is told. */
export const followedOf = ({ syncTopics, syncGroups, access }: Link): readonly Followed[] => [
  ...(syncTopics ? (['topics'] as const) : []),
  ...(syncGroups ? (['groups'] as const) : []),
  ...(access === undefined ? [] : (['access'] as const)),
]
