import { Match, type Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import { BY_TARGET, GROUPS_KEY } from '../../shared/adapters/dynamodb/item-keys.ts'
import type { LinkInput, TopologyInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, valid, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { allowed, conditions, rights, synthesise, templateOf } from './synthesised.ts'

const account = '111122223333'
const SYNC = 'twinshore-west-east-sync'
const FUNCTION = 'AWS::Lambda::Function'
const SCHEDULE = 'AWS::Scheduler::Schedule'

/** With groups alone, so that all rights are theirs. */
const stacksOf = ({ links, ...input }: TopologyInput) =>
  synthesise(defineTopology({ account, ...input, links: links.map((one) => ({ ...one, syncTopics: false })) }))
const syncOf = (input: TopologyInput): Template => templateOf(stacksOf(input), SYNC)

const back: LinkInput<'west' | 'east'> = { source: 'east', target: 'west', topics: ['bills'] }
const bothWays: TopologyInput = {
  ...valid,
  links: [
    { ...link, naming: 'prefix' },
    { ...back, naming: 'prefix' },
  ],
}
const onMsk = (input: TopologyInput): TopologyInput => ({
  ...input,
  clusters: { west: mskWest, east: { ...mskEast, network: east.network as never } },
})

const table = (region: string, name: string) =>
  `arn:<AWS::Partition>:dynamodb:${region}:${account}:table/twinshore-${name}`
const key = (region: string) => `arn:aws:kms:${region}:${account}:key/0a0b0c0d-0000-4000-8000-0a0b0c0d0e0f`
const READ = ['BatchGetItem', 'GetItem', 'Query']

describe('the function that moves consumer groups', () => {
  it('makes a pass every minute that ends before the next one, and none is brought again', () => {
    const template = syncOf(valid)
    template.resourceCountIs(FUNCTION, 1)
    template.hasResourceProperties(FUNCTION, {
      ...{ FunctionName: 'twinshore-west-east-sync-groups', Timeout: 55, MemorySize: 512 },
      VpcConfig: { SubnetIds: east.network?.subnetIds },
    })
    template.resourceCountIs(SCHEDULE, 1)
    template.hasResourceProperties(SCHEDULE, {
      ScheduleExpression: 'rate(1 minute)',
      Target: { Input: Match.absent(), RetryPolicy: { MaximumRetryAttempts: 0 } },
    })
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 })
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/aws/lambda/twinshore-west-east-sync-groups',
    })
  })

  it('is there unless the link says otherwise, also where topics do not follow', () => {
    const names = (changes: Parameters<typeof withLink>[0]) =>
      [...synthesise(defineTopology(withLink(changes))).values()].flatMap(({ template }) =>
        Object.values(template.findResources(FUNCTION)).map(({ Properties }) => Properties.FunctionName),
      )
    const [replicate, remover] = ['replicate', 'remove-mappings'].map((name) => `twinshore-west-east-${name}`)
    const [lag, topics, groups, verify] = ['measure-lag', 'sync-topics', 'sync-groups', 'verify'].map(
      (name) => `twinshore-west-east-${name}`,
    )
    expect(names({}).toSorted()).toEqual([lag, remover, replicate, groups, topics, verify])
    expect(names({ syncTopics: false }).toSorted()).toEqual([lag, remover, replicate, groups, verify])
    expect(names({ syncGroups: false }).toSorted()).toEqual([lag, remover, replicate, topics, verify])
    expect(names({ syncTopics: false, syncGroups: false }).toSorted()).toEqual([lag, remover, replicate, verify])
  })
})

describe('what it may do', () => {
  it('with its table is to read all of it, and to write what it published and nothing else', () => {
    const template = syncOf(valid)
    expect(allowed(template, 'dynamodb')).toEqual({
      [table('eu-west-1', 'west-east')]: [...READ.slice(0, 2), 'PutItem', 'Query'],
      [`${table('eu-west-1', 'west-east')}/index/${BY_TARGET.index}`]: READ,
    })
    expect(conditions(template)).toEqual([
      [
        'dynamodb:PutItem',
        table('eu-west-1', 'west-east'),
        { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [GROUPS_KEY] } },
      ],
    ])
  })

  it("with the table of the link the other way is to read it, in that link's own region", () => {
    const all = allowed(syncOf(bothWays), 'dynamodb')
    expect(all[table('us-west-2', 'east-west')]).toEqual(READ)
    expect(all[`${table('us-west-2', 'east-west')}/index/${BY_TARGET.index}`]).toEqual(READ)
    expect(Object.keys(all)).toHaveLength(4)
    const aside: TopologyInput = { ...valid, links: [link, { ...link, name: 'aside', topics: ['other'] }] }
    expect(Object.keys(allowed(syncOf(aside), 'dynamodb'))).toHaveLength(2)
  })

  it("with the user's keys is what these tables need", () => {
    const encryptionKeys = { 'eu-west-1': key('eu-west-1'), 'us-west-2': key('us-west-2') }
    expect(allowed(syncOf({ ...bothWays, encryptionKeys }), 'kms')).toEqual({
      [key('eu-west-1')]: ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey'],
      [key('us-west-2')]: ['Decrypt', 'DescribeKey'],
    })
  })

  const on = (cluster: { readonly arn: string }, kind: string, name = '*') =>
    `${cluster.arn.replace(':cluster/', `:${kind}/`)}/${name}`

  it('with MSK is to describe both sides, and to commit on the target for the topics of the link', () => {
    expect(allowed(syncOf(onMsk(valid)), 'kafka-cluster')).toEqual({
      [mskWest.arn]: ['Connect'],
      [on(mskWest, 'topic')]: ['DescribeTopic'],
      [on(mskWest, 'group')]: ['DescribeGroup'],
      [mskEast.arn]: ['Connect'],
      [on(mskEast, 'topic')]: ['DescribeTopic'],
      [on(mskEast, 'topic', 'orders')]: ['ReadData'],
      [on(mskEast, 'group')]: ['AlterGroup', 'DescribeGroup'],
    })
  })

  it('commits for topics that travel back as well, and for all where a pattern finds them', () => {
    const ways = allowed(syncOf(onMsk(bothWays)), 'kafka-cluster')
    const readable = (all: Readonly<Record<string, readonly string[]>>) =>
      Object.keys(all).filter((resource) => all[resource]?.includes('ReadData'))
    expect(readable(ways)).toEqual([on(mskEast, 'topic', 'west.orders'), on(mskEast, 'topic', 'bills')])
    // patterns need topics that follow, whose rights are no READ
    const finding = (links: TopologyInput['links']) =>
      readable(
        allowed(
          templateOf(synthesise(defineTopology({ account, ...onMsk({ ...valid, links }) })), SYNC),
          'kafka-cluster',
        ),
      )
    const recreate = { onRecreate: 'fault', naming: 'prefix' } as const
    expect(finding([{ ...link, ...recreate, topics: [/pay.*/] }])).toEqual([on(mskEast, 'topic')])
    expect(
      finding([
        { ...link, ...recreate },
        { ...back, ...recreate, topics: [/pay.*/] },
      ]),
    ).toEqual([on(mskEast, 'topic')])
  })

  it('with clusters that IAM does not guard is to read their secrets, and nothing else is allowed at all', () => {
    const template = syncOf(valid)
    const secret = (name: string) => `arn:<AWS::Partition>:secretsmanager:eu-west-1:${account}:secret:${name}-??????`
    expect(allowed(template, 'secretsmanager')).toEqual({
      [secret('kafka/west')]: ['GetSecretValue'],
      [secret('kafka/east')]: ['GetSecretValue'],
    })
    const services = new Set([...rights(template)].map((right) => right.split(':')[0]))
    expect(services).toEqual(new Set(['dynamodb', 'ec2', 'lambda', 'logs', 'secretsmanager']))
    expect(Object.values(allowed(template, 'lambda'))).toEqual([['InvokeFunction']]) // the schedule's role
  })
})
