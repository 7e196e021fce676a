import { describe, expect, it } from 'vitest'
import { type LocalWorld, localTopology } from '../../../../infra/topologies/local.ts'
import type { LocalCluster } from '../../../../local/kafka/cluster.ts'
import { onePair, regionsOf, type WorldLayout, worldClusters } from '../../../../local/world/world-layout.ts'
import { runningCluster } from '../../../support/running-cluster.ts'

const layout: WorldLayout = {
  clusters: { hub: 'us-east-1', ohio: 'us-east-2', dublin: 'us-east-1' },
  links: [
    { source: 'ohio', target: 'hub', topics: ['orders', { pattern: 'shop\\..+' }], exclude: [{ pattern: '.*-tmp' }] },
    { source: 'hub', target: 'dublin', topics: ['ohio.orders'], naming: 'identity' },
  ],
}

const clustersOf = ({ clusters }: WorldLayout): LocalCluster[] => Object.keys(clusters).map(runningCluster)

describe('a world of any number of clusters', () => {
  it('calls the ends of the first link its source and target', () => {
    const { source, target, clusters } = worldClusters(layout, clustersOf(layout))
    expect([source.name, target.name]).toEqual(['ohio', 'hub'])
    expect([...clusters.keys()]).toEqual(['hub', 'ohio', 'dublin'])
  })

  it('is one pair of two regions unless it is said otherwise', () => {
    const { topology } = worldClusters(onePair(['orders'], { syncTopics: false }), [
      runningCluster('west'),
      runningCluster('east'),
    ])
    expect(topology.links).toMatchObject([{ name: 'west-east', topics: ['orders'], patterns: [], syncTopics: false }])
    expect(topology.pairs).toMatchObject([{ name: 'west-east' }])
  })

  it('names each region once, however many clusters are in it', () => {
    expect(regionsOf(layout)).toEqual(['us-east-1', 'us-east-2'])
  })

  it('keeps its patterns on their way through the environment of a command', () => {
    const { local, topology } = worldClusters(layout, clustersOf(layout))
    const told: LocalWorld = JSON.parse(JSON.stringify(local))
    expect(localTopology(told)).toEqual(topology)
    expect(topology.links[0]).toMatchObject({
      topics: ['orders'],
      patterns: ['^(?:shop\\..+)$'],
      exclude: ['^(?:.*-tmp)$'],
      source: { name: 'ohio', region: 'us-east-2', bootstrapServers: ['127.0.0.1:9004'] },
    })
  })

  it('refuses a first link that leads nowhere', () => {
    expect(() => worldClusters(layout, [runningCluster('hub')])).toThrow('names ohio')
  })
})
