import { Match, type Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import { ACCESS_KEY, FENCES_KEY, HELD_KEY, STATUS_KEY, TOPICS_KEY } from '../../shared/adapters/dynamodb/item-keys.ts'
import type { LinkInput, TopologyInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, valid, west } from '../unit/shared/domain/topology/topology-example.ts'
import { allowed, conditions, rights, synthesise, templateOf } from './synthesised.ts'

const account = '111122223333'
const FUNCTION = 'AWS::Lambda::Function'
const principals = { 'User:a': 'User:b' }

/** With access alone, so that all rights are its own. */
const withAccess = (changes: Partial<LinkInput<'west' | 'east'>> = {}): TopologyInput => ({
  ...valid,
  links: [{ ...link, syncTopics: false, syncGroups: false, access: { principals }, ...changes }],
})
const syncOf = (input: TopologyInput): Template =>
  templateOf(synthesise(defineTopology({ account, ...input })), 'twinshore-west-east-sync')

const table = (region: string, name: string) =>
  `arn:<AWS::Partition>:dynamodb:${region}:${account}:table/twinshore-${name}`
const under = (...keys: readonly string[]) => ({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys } })

describe('the function that lets access rights follow', () => {
  it('makes a pass every five minutes, and none is brought again', () => {
    const template = syncOf(withAccess())
    template.resourceCountIs(FUNCTION, 1)
    template.hasResourceProperties(FUNCTION, {
      ...{ FunctionName: 'twinshore-west-east-sync-access', Timeout: 55, MemorySize: 512 },
      VpcConfig: { SubnetIds: east.network?.subnetIds },
    })
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(5 minutes)',
      Target: { Input: Match.absent(), RetryPolicy: { MaximumRetryAttempts: 0 } },
    })
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 })
  })

  it('is not there unless the link asks for it', () => {
    const { links: _, ...rest } = withAccess()
    const template = templateOf(synthesise(defineTopology({ ...rest, links: [link] })), 'twinshore-west-east-sync')
    const names = Object.values(template.findResources(FUNCTION)).map(({ Properties }) => Properties.FunctionName)
    expect(names.join()).not.toContain('access')
  })

  it('has a role that no other function has', () => {
    const template = syncOf({ ...valid, links: [{ ...link, access: { principals } }] })
    const roles = Object.values(template.findResources(FUNCTION)).map(
      ({ Properties }) => Properties.Role['Fn::GetAtt'][0],
    )
    expect(new Set(roles).size).toBe(3)
  })
})

describe('what it may do', () => {
  it('with its table is to read status, topics, registry, fences and rights that wait, and to write its registry and these', () => {
    const own = table('eu-west-1', 'west-east')
    const template = syncOf(withAccess())
    expect(allowed(template, 'dynamodb')).toEqual({
      [own]: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query'],
    })
    const reading = under(STATUS_KEY.pk, TOPICS_KEY, ACCESS_KEY, FENCES_KEY, HELD_KEY)
    expect(conditions(template)).toEqual([
      ...['BatchGetItem', 'GetItem', 'Query'].map((action) => [`dynamodb:${action}`, own, reading]),
      ...['PutItem', 'DeleteItem'].map((action) => [`dynamodb:${action}`, own, under(ACCESS_KEY, HELD_KEY)]),
    ])
  })

  it('with the table of a link whose rights would return is to read its registry', () => {
    const back: LinkInput<'west' | 'east'> = {
      ...{ source: 'east', target: 'west', topics: ['bills'], naming: 'prefix', syncTopics: false, syncGroups: false },
      access: { principals: { 'User:b': 'User:a' } },
    }
    const { links } = withAccess({ naming: 'prefix' })
    const both = { ...valid, links: [...links, back] }
    const other = table('us-west-2', 'east-west')
    expect(allowed(syncOf(both), 'dynamodb')[other]).toEqual(['BatchGetItem', 'GetItem', 'Query'])
    const ofOther = conditions(syncOf(both)).filter(([, resource]) => resource === other)
    expect(ofOther.map(([, , condition]) => condition)).toEqual([1, 2, 3].map(() => under(ACCESS_KEY)))
    const { access: _, ...withoutAccess } = back
    expect(Object.keys(allowed(syncOf({ ...both, links: [...links, withoutAccess] }), 'dynamodb'))).toHaveLength(1)
  })

  it('with MSK is to see the ACLs of the source and to change those of the target, and quotas where they follow, or did', () => {
    const network = east.network as never
    const onTarget = (quotas: boolean) =>
      syncOf({
        ...withAccess({ access: { principals, quotas } }),
        clusters: { west, east: { ...mskEast, network } },
      })
    expect(allowed(onTarget(false), 'kafka-cluster')).toEqual({
      [mskEast.arn]: ['AlterCluster', 'AlterClusterDynamicConfiguration', 'Connect', 'DescribeCluster'],
    })
    expect(allowed(onTarget(true), 'kafka-cluster')[mskEast.arn]).toEqual([
      ...['AlterCluster', 'AlterClusterDynamicConfiguration', 'Connect'],
      ...['DescribeCluster', 'DescribeClusterDynamicConfiguration'],
    ])
    const onSource = (quotas: boolean) =>
      syncOf({ ...withAccess({ access: { principals, quotas } }), clusters: { west: mskWest, east } })
    expect(allowed(onSource(false), 'kafka-cluster')).toEqual({ [mskWest.arn]: ['Connect', 'DescribeCluster'] })
    expect(allowed(onSource(true), 'kafka-cluster')).toEqual({
      [mskWest.arn]: ['Connect', 'DescribeCluster', 'DescribeClusterDynamicConfiguration'],
    })
  })

  it('besides is to read secrets and to attach itself to its network', () => {
    const template = syncOf(withAccess())
    const services = new Set([...rights(template)].map((right) => right.split(':')[0]))
    expect(services).toEqual(new Set(['dynamodb', 'ec2', 'lambda', 'logs', 'secretsmanager']))
    expect(Object.values(allowed(template, 'lambda'))).toEqual([['InvokeFunction']]) // the schedule's role
  })
})
