import { describe, expect, it } from 'vitest'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, valid, west } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise, templateOf } from './synthesised.ts'

const back = { source: 'east', target: 'west', heartbeats: false } as const

describe('what starts where', () => {
  const stacks = synthesise(
    defineTopology({
      clusters: { west: mskWest, east: { ...mskEast, network: east.network as never } },
      links: [link, { ...back, topics: ['orders'], placement: 'source' }],
      pairs: [{ name: 'pair', clusters: ['west', 'east'] }],
    }),
  )
  const where = [...stacks].map(([name, { stage, region }]) => [stage, name, region])

  it('puts the links of a pair into one stage, and functions where the link is placed', () => {
    expect(where.toSorted()).toEqual([
      ['pair', 'twinshore-east-west-replication', 'eu-west-1'],
      ['pair', 'twinshore-east-west-state', 'us-west-2'],
      ['pair', 'twinshore-east-west-sync', 'eu-west-1'],
      ['pair', 'twinshore-east-west-watch', 'eu-west-1'],
      ['pair', 'twinshore-west-east-replication', 'eu-west-1'],
      ['pair', 'twinshore-west-east-state', 'eu-west-1'],
      ['pair', 'twinshore-west-east-sync', 'eu-west-1'],
      ['pair', 'twinshore-west-east-watch', 'eu-west-1'],
    ])
  })

  it('keeps state in the region of the target, whatever the placement', () => {
    for (const name of ['west-east', 'east-west']) {
      templateOf(stacks, `twinshore-${name}-state`).hasResourceProperties('AWS::DynamoDB::Table', {
        TableName: `twinshore-${name}`,
      })
      templateOf(stacks, `twinshore-${name}-state`).resourceCountIs('AWS::Lambda::Function', 0)
      templateOf(stacks, `twinshore-${name}-replication`).resourceCountIs('AWS::Lambda::Function', 2)
      templateOf(stacks, `twinshore-${name}-sync`).resourceCountIs('AWS::Lambda::Function', 2)
      templateOf(stacks, `twinshore-${name}-watch`).resourceCountIs('AWS::Lambda::Function', 2)
    }
  })

  it('refers from stack to stack by name only', () => {
    for (const { template } of stacks.values()) {
      expect(JSON.stringify(template.toJSON())).not.toMatch(/Fn::ImportValue|Fn::GetStackOutput|Custom::CrossRegion/)
      expect(template.findOutputs('*')).toEqual({})
    }
  })

  it('deploys the state of a link before its function', () => {
    expect(stacks.get('twinshore-west-east-replication')?.dependsOn.join()).toContain('westeaststate')
  })

  it('makes a stage of a link without a pair, and keeps the stack names when it joins one', () => {
    const alone = synthesise(defineTopology({ ...valid, pairs: [] }))
    const paired = synthesise(defineTopology({ ...valid, pairs: [{ name: 'both', clusters: ['west', 'east'] }] }))
    expect([...alone.values()].map(({ stage }) => stage)).toEqual(Array(4).fill('west-east'))
    expect([...paired.values()].map(({ stage }) => stage)).toEqual(Array(4).fill('both'))
    expect([...paired.keys()]).toEqual([...alone.keys()])
  })

  it('names everything after the installation', () => {
    const named = synthesise(
      defineTopology({ ...valid, installation: 'mine', links: [{ ...link, onPoison: 'quarantine' }] }),
    )
    expect([...named.keys()].toSorted()).toEqual([
      'mine-west-east-replication',
      'mine-west-east-state',
      'mine-west-east-sync',
      'mine-west-east-watch',
    ])
    const names = JSON.stringify([...named.values()].map(({ template }) => template.toJSON()))
    expect(names).toContain('mine-west-east-quarantine-')
    expect(names).not.toContain('twinshore-west-east')
  })
})

describe('an account', () => {
  it('is the one of the topology, or is left to the credentials of the deploy', () => {
    const given = synthesise(defineTopology({ ...valid, account: '111122223333' }))
    const open = synthesise(defineTopology({ ...valid, clusters: { west, east } }))
    const accounts = (stacks: typeof given) => new Set([...stacks.values()].map(({ account }) => account))
    expect([accounts(given), accounts(open)]).toEqual([new Set(['111122223333']), new Set(['unknown-account'])])
  })
})
