import { describe, expect, it } from 'vitest'
import { type LocalWorld, localTopology } from '../../infra/topologies/local.ts'
import { loadTopology } from '../../shared/config/load-topology.ts'
import { replicaName, replicaTemplate } from '../../shared/domain/topics/topic-naming.ts'
import { topicSelection } from '../../shared/domain/topics/topic-selection.ts'
import type { Topology } from '../../shared/domain/topology/topology.ts'
import { synthesise, templateOf } from './synthesised.ts'

interface Flow {
  readonly link: string
  readonly topic: string
  /** The replica, or why there is none. */
  readonly becomes: string
}

const flow = (link: string, topic: string, becomes: string): Flow => ({ link, topic, becomes })

/** What each example is meant to bring about, link by link. */
const EXAMPLES: Readonly<Record<string, readonly Flow[]>> = {
  'hub-and-spoke': [
    flow('ohio-hub', 'orders', 'ohio.orders'),
    flow('ohio-hub', 'logs-tmp', 'excluded'),
    flow('ohio-hub', 'catalog.prices', 'would-loop'),
    flow('dublin-hub', 'orders', 'dublin.orders'),
    flow('hub-ohio', 'catalog.prices', 'catalog.prices'),
    flow('hub-dublin', 'ohio.orders', 'not-included'),
  ],
  aggregate: [
    flow('west-west-all', 'orders', 'west.orders'),
    flow('west-east-all', 'orders', 'west.orders'),
    flow('east-west-all', 'orders', 'east.orders'),
    flow('east-east-all', 'orders', 'east.orders'),
  ],
  'fan-out': [
    flow('publisher-tokyo', 'public.prices', 'public.prices'),
    flow('publisher-tokyo', 'public.prices.draft', 'excluded'),
    flow('publisher-sydney', 'reference-data', 'reference-data'),
    flow('publisher-dublin', 'private', 'not-included'),
  ],
  chain: [
    flow('plant-region', 'machines.heat', 'machines.heat'),
    flow('region-archive', 'machines.heat', 'machines.heat'),
  ],
  'active-active-prefix': [
    flow('ohio-dublin', 'orders', 'ohio.orders'),
    flow('dublin-ohio', 'ohio.orders', 'would-loop'),
    flow('dublin-ohio', 'orders', 'dublin.orders'),
    flow('dublin-ohio', 'paris.orders', 'dublin.paris.orders'),
  ],
  'active-active-identity': [
    flow('ohio-dublin', 'orders', 'orders'),
    flow('dublin-ohio', 'orders', 'orders'),
    flow('dublin-ohio', 'customers.new', 'customers.new'),
  ],
  'edge-aggregation': [
    flow('store-1', 'telemetry.doors', 'edge.store-1.telemetry.doors'),
    flow('store-2', 'telemetry.doors', 'edge.store-2.telemetry.doors'),
    flow('store-3', 'orders', 'not-included'),
  ],
}

const becomes = ({ links }: Topology, { link: name, topic }: Flow): string => {
  const link = links.find((one) => one.name === name)
  if (link === undefined) throw new Error(`there is no link ${name}`)
  const facts = { topic, internal: false, incarnation: 'life-1', partitions: 1, replicationFactor: 1 }
  const verdict = topicSelection(link, links)(facts, undefined)
  return verdict.replicate ? replicaName(replicaTemplate(link.naming, link.source.name), topic) : verdict.because
}

describe.each(Object.entries(EXAMPLES))('the example %s', (name, flows) => {
  it('lets topics go where it says', async () => {
    const topology = await loadTopology(name)
    expect(flows.map((one) => ({ ...one, becomes: becomes(topology, one) }))).toEqual(flows)
  })

  it('has a mapping in the stack for each topic that it names, and state beside each target', async () => {
    const topology = await loadTopology(name)
    const stacks = synthesise(topology)
    for (const link of topology.links) {
      const replication = templateOf(stacks, `twinshore-${link.name}-replication`)
      replication.resourceCountIs('AWS::Lambda::EventSourceMapping', link.topics.length)
      expect(stacks.get(`twinshore-${link.name}-state`)?.region).toBe(link.target.region)
    }
  })
})

it('gives records a provenance only where names do not tell it', async () => {
  const names = Object.keys(EXAMPLES)
  const topologies = await Promise.all(names.map((name) => loadTopology(name)))
  const marking = names.filter((_, index) => topologies[index]?.links.some(({ provenance }) => provenance))
  expect(marking).toEqual(['active-active-identity'])
})

it('takes of a local world, as JSON, all that a link says, patterns among it', () => {
  const access = { principals: { 'User:a': 'User:a' }, quotas: true }
  const world: LocalWorld = {
    clusters: {
      west: { region: 'us-west-2', bootstrapServers: ['127.0.0.1:1'] },
      east: { region: 'eu-west-1', bootstrapServers: ['127.0.0.1:2'] },
    },
    links: [
      {
        ...{
          source: 'west',
          target: 'east',
          topics: ['orders', { pattern: 'pay.*' }],
          exclude: [{ pattern: '.*-tmp' }],
        },
        ...{ groups: ['billing', { pattern: 'shop-.*' }], excludeGroups: [{ pattern: '.*-test' }], access },
      },
    ],
  }
  expect(localTopology(JSON.parse(JSON.stringify(world))).links).toEqual([
    expect.objectContaining({
      ...{ topics: ['orders'], patterns: ['^(?:pay.*)$'], exclude: ['^(?:.*-tmp)$'] },
      ...{ groups: ['^billing$', '^(?:shop-.*)$'], excludeGroups: ['^(?:.*-test)$'], access },
    }),
  ])
})
