import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { replicaName, replicaTemplate } from '../../../../../shared/domain/topics/topic-naming.ts'
import { topicSelection } from '../../../../../shared/domain/topics/topic-selection.ts'
import type { Link, LinkInput, TopologyInput } from '../../../../../shared/domain/topology/topology.ts'
import { checkTopology, defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { east, west } from '../topology/topology-example.ts'

const CLUSTERS = ['west', 'east', 'hub'] as const

const clusters = { west, east, hub: { ...west, bootstrapServers: ['hub.example.org:9093'] } }

const linkBetween = fc.record(
  {
    source: fc.constantFrom(...CLUSTERS),
    target: fc.constantFrom(...CLUSTERS),
    topics: fc.constantFrom<LinkInput['topics'][]>([/.*/], ['orders'], [/or.*/, 'pay'], [/west\..*/], ['west.orders']),
    exclude: fc.constantFrom<LinkInput['topics'][]>([], [/east\..*/], [/.*orders/]),
    naming: fc.constantFrom<NonNullable<LinkInput['naming']>[]>('prefix', 'identity', 'dr.{topic}', '{topic}-{source}'),
    provenance: fc.boolean(),
  },
  { requiredKeys: ['source', 'target', 'topics', 'naming'] },
)

/** Topologies without a mistake; most of what is drawn has one. */
const topologies = fc
  .array(linkBetween, { minLength: 2, maxLength: 6 })
  .map((links): TopologyInput => ({ clusters, links: links.map((link, at) => ({ ...link, name: `link-${at}` })) }))
  .filter((input) => checkTopology(input).length === 0)
  .map((input) => defineTopology(input).links)

/** Records of one beginning: where they were, and what their headers say of it; a link without provenance lets them go stale. */
interface Travellers {
  readonly topic: string
  readonly visited: readonly string[]
  readonly told: readonly string[]
}

const factsOf = (topic: string) => ({
  topic,
  internal: false,
  incarnation: 'life',
  partitions: 1,
  replicationFactor: 1,
})

const carry = (link: Link, { topic, visited, told }: Travellers, links: readonly Link[]): readonly Travellers[] => {
  const turnedBack = link.provenance && told.includes(link.target.name)
  if (visited.at(-1) !== link.source.name || turnedBack) return []
  if (!topicSelection(link, links)(factsOf(topic), undefined).replicate) return []
  const replica = replicaName(replicaTemplate(link.naming, link.source.name), topic)
  return [
    {
      topic: replica,
      visited: [...visited, link.target.name],
      told: link.provenance ? [...told, link.source.name] : [],
    },
  ]
}

describe('whatever links a topology without a mistake has', () => {
  it('no record comes back to a cluster where it was, by whatever way and under whatever name', () => {
    const beginnings = CLUSTERS.flatMap((cluster) =>
      ['orders', 'pay', 'west.orders'].map((topic): Travellers => ({ topic, visited: [cluster], told: [] })),
    )
    fc.assert(
      fc.property(topologies, (links) => {
        let travelling: readonly Travellers[] = beginnings
        for (let hop = 0; hop < CLUSTERS.length && travelling.length > 0; hop++) {
          travelling = travelling.flatMap((one) => links.flatMap((link) => carry(link, one, links)))
          for (const { visited } of travelling) expect(new Set(visited).size).toBe(visited.length)
        }
        expect(travelling).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
