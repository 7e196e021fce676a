import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import { BY_TARGET, LAG_KEY, LEASE_KEY } from '../../shared/adapters/dynamodb/item-keys.ts'
import type { TopologyInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, valid, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { allowed, conditions, synthesise, templateOf } from './synthesised.ts'

const account = '111122223333'
const watchOf = (input: TopologyInput) =>
  templateOf(synthesise(defineTopology({ account, ...input })), 'twinshore-west-east-watch')

const bothWays: TopologyInput = {
  ...valid,
  links: [
    { ...link, naming: 'prefix' },
    { source: 'east', target: 'west', topics: ['bills'], naming: 'prefix' },
  ],
}
const table = (region: string, name: string) =>
  `arn:<AWS::Partition>:dynamodb:${region}:${account}:table/twinshore-${name}`
const READ = ['BatchGetItem', 'GetItem', 'Query']

describe('the lag canary', () => {
  it('runs every minute, ends before the next one, and none is brought again', () => {
    const template = watchOf(valid)
    template.hasResourceProperties('AWS::Lambda::Function', {
      ...{ FunctionName: 'twinshore-west-east-measure-lag', Timeout: 55, MemorySize: 512 },
      VpcConfig: { SubnetIds: east.network?.subnetIds },
    })
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      Target: { Input: Match.absent(), RetryPolicy: { MaximumRetryAttempts: 0 } },
    })
  })

  it('writes what it saw and its lease, and nothing else of the table', () => {
    const puts = conditions(watchOf(valid))
    expect(puts).toEqual([
      [
        'dynamodb:PutItem',
        table('eu-west-1', 'west-east'),
        { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [LAG_KEY, LEASE_KEY] } },
      ],
    ])
  })

  it('reads the table of the link the other way, where positions come back, and only there', () => {
    const other = table('us-west-2', 'east-west')
    const all = allowed(watchOf(bothWays), 'dynamodb')
    expect(all[other]).toEqual(READ)
    expect(all[`${other}/index/${BY_TARGET.index}`]).toEqual(READ)
    const [first, ...others] = bothWays.links
    const without = { ...bothWays, links: [{ ...first, syncGroups: false } as never, ...others] }
    expect(allowed(watchOf(without), 'dynamodb')[other]).toBeUndefined()
  })

  it('describes the groups of both clusters where the link moves them', () => {
    const onMsk = (syncGroups: boolean): TopologyInput => ({
      ...withLink({ topics: ['orders'], syncGroups }),
      clusters: { west: mskWest, east: { ...mskEast, network: east.network as never } },
    })
    const groups = (cluster: { readonly arn: string }) => `${cluster.arn.replace(':cluster/', ':group/')}/*`
    const rights = allowed(watchOf(onMsk(true)), 'kafka-cluster')
    for (const cluster of [mskWest, mskEast]) expect(rights[groups(cluster)]).toEqual(['DescribeGroup'])
    expect(Object.values(rights).flat()).not.toContain('WriteData')
    expect(allowed(watchOf(onMsk(false)), 'kafka-cluster')[groups(mskWest)]).toBeUndefined()
  })
})
