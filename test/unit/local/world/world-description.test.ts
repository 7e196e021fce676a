import { describe, expect, it } from 'vitest'
import type { World } from '../../../../local/world/world.ts'
import { describeWorld, pasteLines } from '../../../../local/world/world-description.ts'
import { type WorldLayout, worldClusters } from '../../../../local/world/world-layout.ts'
import { runningCluster } from '../../../support/running-cluster.ts'

const layout: WorldLayout = {
  clusters: { hub: 'us-east-1', ohio: 'us-east-2', dublin: 'eu-west-1' },
  links: [
    { source: 'ohio', target: 'hub', topics: [{ pattern: "it's.+" }] },
    { source: 'dublin', target: 'hub', topics: ['orders'] },
  ],
}

const world: World = {
  ...worldClusters(layout, Object.keys(layout.clusters).map(runningCluster)),
  folder: '/worlds/w',
  aws: undefined,
  stacks: [],
  pollers: undefined,
  stop: async () => undefined,
}

const description = describeWorld(world, { name: 'w', keeper: 1 })

describe('what is told of a world', () => {
  it('has all clusters, and says which are the ends of the first link', () => {
    expect(description.clusters.map(({ name, region, side }) => [name, region, side])).toEqual([
      ['hub', 'us-east-1', 'target'],
      ['ohio', 'us-east-2', 'source'],
      ['dublin', 'eu-west-1', undefined],
    ])
  })

  it('has all links, with what they name and what finds more', () => {
    expect(description.links).toEqual([
      { name: 'ohio-hub', source: 'ohio', target: 'hub', topics: [], patterns: ["^(?:it's.+)$"] },
      { name: 'dublin-hub', source: 'dublin', target: 'hub', topics: ['orders'], patterns: [] },
    ])
  })

  it('gives commands the topology by a line that a shell takes whatever is in it', () => {
    const [, text = ''] = /^export TWINSHORE_LOCAL='(.*)'$/m.exec(pasteLines(description)) ?? []
    expect(text).toContain("it'\\''s")
    expect(JSON.parse(text.replaceAll("'\\''", "'"))).toEqual(description.local)
  })

  it('tells commands where AWS is', () => {
    expect(pasteLines({ ...description, awsEndpoint: 'http://127.0.0.1:4566' })).toMatch(
      /^export .*AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:4566$/m,
    )
  })
})
