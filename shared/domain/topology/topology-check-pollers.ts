import { type Link, placementOf } from './topology.ts'
import type { Written } from './topology-complete.ts'
import { LIMITS } from './topology-limits.ts'
import { type Mistake, tooMany } from './topology-mistake.ts'

interface Grouped {
  readonly entry: Written<Link>
  readonly group: string
  readonly maximum: number
}

/** Mappings share pollers when they name the same group in the same VPC. */
const groupOf = (entry: Written<Link>): readonly Grouped[] => {
  const { pollers } = entry.part
  if (pollers === 'on-demand' || pollers.group === undefined) return []
  const { region, network } = placementOf(entry.part)
  return [{ entry, group: `${region} ${network?.vpcId} ${pollers.group}`, maximum: pollers.maximum }]
}

const sum = (members: readonly Grouped[], of: (member: Grouped) => number): number =>
  members.reduce((total, member) => total + of(member), 0)

/** How many a pattern will find nobody knows yet: one at least. */
const mappingsOf = ({ part }: Written<Link>): number => part.topics.length + part.patterns.length

/** What Lambda bounds over all mappings of a group, whichever link they belong to; reported at the last of them. */
export const checkPollerGroups = (links: readonly Written<Link>[]): readonly Mistake[] =>
  [...Map.groupBy(links.flatMap(groupOf), ({ group }) => group).values()].flatMap((members) => {
    const path = `${members.at(-1)?.entry.path}.pollers.group`
    const mappings = sum(members, ({ entry }) => mappingsOf(entry))
    const pollers = sum(members, ({ entry, maximum }) => mappingsOf(entry) * maximum)
    return [...tooMany(path, mappings, LIMITS.mappingsPerGroup), ...tooMany(path, pollers, LIMITS.pollersPerGroup)]
  })
