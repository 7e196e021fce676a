import { describe, expect, it } from 'vitest'
import type { TopologyInput } from '../../../../../shared/domain/topology/topology.ts'
import { checkTopology, defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, valid, west, withLink, withWest } from './topology-example.ts'

/** What a test writes that the types of a topology do not allow; Node runs it all the same. */
const untyped = (input: unknown): TopologyInput => input as TopologyInput

const paths = (input: TopologyInput): readonly string[] => checkTopology(input).map(({ path }) => path)

const noLogin = { kind: 'none' } as const
const pollers = (minimum: number, maximum: number, group = 'shared') => ({ minimum, maximum, group })
const manyTopics = (count: number) => Array.from({ length: count }, (_, index) => `topic-${index}`)

const back = { source: 'east', target: 'west', topics: ['orders'] } as const
const principals = { 'User:orders': 'User:orders' }
const withAccess = (named: Readonly<Record<string, string>>) => withLink({ access: { principals: named } })

describe('a mistake in a topology', () => {
  it.each<[string, string, TopologyInput]>([
    ['a bad account', 'account', { ...valid, account: '123' }],
    ['an installation with a dash', 'installation', { ...valid, installation: 'my-own' }],
    ['an installation too long for a bucket name', 'installation', { ...valid, installation: 'a'.repeat(15) }],
    [
      'a KMS key of another region',
      'encryptionKeys.eu-west-1',
      {
        ...valid,
        encryptionKeys: { 'eu-west-1': 'arn:aws:kms:us-west-2:111122223333:key/0a0b0c0d-0000-4000-8000-0a0b0c0d0e0f' },
      },
    ],
    ['no SNS topic', 'alarmTopics.eu-west-1', { ...valid, alarmTopics: { 'eu-west-1': 'me@example.org' } }],
    ['a runbook that is no page', 'runbook', { ...valid, runbook: 'see the wiki' }],
    ['a runbook within a page', 'runbook', { ...valid, runbook: 'https://example.org/README.md#alarms' }],
    ['a bad region', 'clusters.west.region', withWest({ region: 'us-west' })],
    ['no bootstrap server', 'clusters.west.bootstrapServers', withWest({ bootstrapServers: [] })],
    [
      'a bootstrap server without a port',
      'clusters.west.bootstrapServers[0]',
      withWest({ bootstrapServers: ['b-1.example.org'] }),
    ],
    [
      'a port beyond all ports',
      'clusters.west.bootstrapServers[0]',
      withWest({ bootstrapServers: ['b-1.example.org:65536'] }),
    ],
    [
      'eleven bootstrap servers',
      'clusters.west.bootstrapServers',
      withWest({ bootstrapServers: Array.from({ length: 11 }, (_, i) => `b-${i}.example.org:9093`) }),
    ],
    ['a login without TLS', 'clusters.west.tls', withWest({ tls: false })],
    ['an authority without TLS', 'clusters.west.tls', withWest({ tls: false, login: noLogin, caSecret: 'ca' })],
    ['IAM for brokers that are not of MSK', 'clusters.west.login.kind', withWest({ login: { kind: 'iam' } })],
    [
      'something else than a secret',
      'clusters.west.login.secret',
      withWest({ login: { kind: 'plain', secret: 'my password!' } }),
    ],
    [
      'a network in another region',
      'clusters.west.network.availabilityZones',
      withWest({ network: { ...mskWest.network, availabilityZones: ['eu-west-1a'] } as never }),
    ],
    [
      'a subnet without its zone',
      'clusters.east.network.availabilityZones',
      {
        ...valid,
        clusters: { west, east: { ...east, network: { ...mskWest.network, availabilityZones: [] } as never } },
      },
    ],
    [
      'a bad id of a VPC',
      'clusters.west.network.vpcId',
      withWest({ network: { ...mskWest.network, vpcId: 'main' } as never }),
    ],
    [
      'six security groups',
      'clusters.west.network.securityGroupIds',
      withWest({
        network: { ...mskWest.network, securityGroupIds: manyTopics(6).map((_, i) => `sg-0000000${i}`) } as never,
      }),
    ],
    [
      'MSK serverless without IAM',
      'clusters.west.login.kind',
      {
        ...valid,
        clusters: { west: { ...mskWest, kind: 'msk-serverless', login: { kind: 'scram-sha-512', secret: 's' } }, east },
      },
    ],
    [
      'SCRAM-256 for MSK',
      'clusters.west.login.kind',
      { ...valid, clusters: { west: { ...mskWest, login: { kind: 'scram-sha-256', secret: 's' } }, east } },
    ],
    [
      'an MSK cluster in another region than its ARN',
      'clusters.west.arn',
      {
        ...valid,
        clusters: {
          west: {
            ...mskWest,
            region: 'us-east-1',
            network: { ...mskWest.network, availabilityZones: ['us-east-1a'] } as never,
          },
          east,
        },
      },
    ],
    [
      'one cluster under two names',
      'clusters.east',
      {
        ...valid,
        clusters: {
          west,
          east: {
            ...east,
            region: 'us-west-2',
            network: mskWest.network as never,
            bootstrapServers: west.bootstrapServers,
          },
        },
      },
    ],
    [
      'one cluster id under two names',
      'clusters.east',
      { ...valid, clusters: { west: { ...west, clusterId: 'q1Sh' }, east: { ...east, clusterId: 'q1Sh' } } },
    ],
    ['a bad cluster id', 'clusters.west.clusterId', withWest({ clusterId: 'not one' })],
    ['a controller without a number', 'clusters.west.controllerRacks.c1', withWest({ controllerRacks: { c1: 'a' } })],
    ['a controller without a rack', 'clusters.west.controllerRacks.7', withWest({ controllerRacks: { 7: '' } })],
    ['an unknown cluster', 'links[0].target', untyped({ ...withLink({ target: 'north' as never }), pairs: [] })],
    ['a link to itself', 'links[0].target', { ...withLink({ target: 'west' }), pairs: [] }],
    ['a name that is taken', 'links[1].name', { ...valid, links: [link, { ...link, topics: ['other'] }] }],
    ['a link name too long for a bucket name', 'links[0].name', withLink({ name: 'a'.repeat(25) })],
    ['no topic', 'links[0].topics', withLink({ topics: [] })],
    ['more topics than a stack holds', 'links[0].topics', withLink({ topics: manyTopics(401) })],
    [
      'more topics than the policies of a role name',
      'links[0].topics',
      { ...withLink({ topics: manyTopics(151) }), clusters: { west: mskWest, east } },
    ],
    ['a topic twice', 'links[0].topics', withLink({ topics: ['orders', 'orders'] })],
    ['a topic that begins with a dot', 'links[0].topics[0]', withLink({ topics: ['.orders'] })],
    ['a topic of one character', 'links[0].topics[0]', withLink({ topics: ['o'] })],
    ['a pattern', 'links[0].topics[0]', withLink({ topics: ['orders.*'] })],
    ['a pattern with flags', 'links[0].topics[1]', withLink({ topics: ['orders', /pay.*/i] })],
    ['an empty pattern', 'links[0].topics[0]', withLink({ topics: [/(?:)/] })],
    ['a pattern twice', 'links[0].topics', withLink({ topics: [/pay.*/, /pay.*/] })],
    ['a bad name after a pattern', 'links[0].topics[1]', withLink({ topics: [/pay.*/, 'o'] })],
    ['an exclusion with flags', 'links[0].exclude[0]', withLink({ topics: [/.*/], exclude: [/tmp/g] })],
    [
      'a setting with flags',
      'links[0].excludeSettings[1]',
      withLink({ excludeSettings: ['retention.ms', /segment.*/u] }),
    ],
    ['a topic named and excluded', 'links[0].exclude', withLink({ topics: ['orders'], exclude: [/ord.*/] })],
    ['a pattern that nothing looks for', 'links[0].syncTopics', withLink({ topics: [/.*/], syncTopics: false })],
    ['no replica', 'links[0].replicationFactor', withLink({ replicationFactor: 0 })],
    ['no days', 'links[0].onSourceDelete.deleteAfterDays', withLink({ onSourceDelete: { deleteAfterDays: 0 } })],
    [
      'a copy to be deleted that applications write to',
      'links[0].onSourceDelete',
      withLink({ onSourceDelete: { deleteAfterDays: 7 }, provenance: true }),
    ],
    ['a group by a pattern with flags', 'links[0].groups[1]', withLink({ groups: ['billing', /pay.*/i] })],
    ['an exclusion of groups with flags', 'links[0].excludeGroups[0]', withLink({ excludeGroups: [/tmp/g] })],
    ['no group at all', 'links[0].groups', withLink({ groups: [] })],
    ['a group twice', 'links[0].groups', withLink({ groups: ['billing', 'billing'] })],
    ['a group named and excluded', 'links[0].excludeGroups', withLink({ groups: ['billing'], excludeGroups: [/b.*/] })],
    ["a poller's group", 'links[0].groups[0]', withLink({ groups: ['twinshore.west-east.orders'] })],
    ["a pattern of pollers' groups", 'links[0].groups[0]', withLink({ groups: [/twinshore\.west-east\..*/] })],
    ['groups of consoles', 'links[0].groups[0]', withLink({ groups: [/console-consumer-\d+/] })],
    ['groups of transactions', 'links[0].groups[1]', withLink({ groups: ['a', /twinshore-commits\.mine.*/] })],
    [
      'a group that belongs to another link',
      'links[0].groups[0]',
      {
        ...valid,
        links: [
          { ...link, groups: ['twinshore.back.orders'] },
          { ...back, name: 'back' },
        ],
      },
    ],
    [
      'rewinds of groups that do not follow',
      'links[0].followRewinds',
      withLink({ syncGroups: false, followRewinds: true }),
    ],
    ['rights of nobody', 'links[0].access.principals', withAccess({})],
    ['rights of everybody', 'links[0].access.principals', withAccess({ 'User:*': 'User:orders' })],
    ['rights for everybody', 'links[0].access.principals', withAccess({ 'User:orders': 'User:*' })],
    ['a principal without its kind', 'links[0].access.principals', withAccess({ orders: 'User:orders' })],
    ['a principal that is a group', 'links[0].access.principals', withAccess({ 'User:a': 'Group:a' })],
    ['a principal without a name', 'links[0].access.principals', withAccess({ 'User:a': 'User:' })],
    ['principals in a list', 'links[0].access.principals', untyped(withAccess(['User:a'] as never))],
    ['a principal that becomes a number', 'links[0].access.principals', untyped(withAccess({ 'User:a': 3 } as never))],
    [
      'a misspelt part of access',
      'links[0].access.quota',
      untyped(withLink({ access: { principals, quota: true } as never })),
    ],
    ['quotas as text', 'links[0].access.quotas', untyped(withLink({ access: { principals, quotas: 'yes' } as never }))],
    [
      'ACLs where both clusters know their clients by IAM',
      'links[0].access',
      { ...withAccess(principals), clusters: { west: mskWest, east: mskEast } },
    ],
    [
      'ACLs and quotas from MSK serverless, which has neither',
      'links[0].access',
      {
        ...withLink({ access: { principals, quotas: true } }),
        clusters: { west: { ...mskWest, kind: 'msk-serverless' }, east },
      },
    ],
    [
      'ACLs on MSK serverless',
      'links[0].access',
      { ...withAccess(principals), clusters: { west, east: { ...mskEast, kind: 'msk-serverless' } } },
    ],
    ['an unknown rule for new lives', 'links[0].onRecreate', withLink({ onRecreate: 'ask' as never })],
    [
      'more named topics than a stack holds, besides a pattern',
      'links[0].topics',
      withLink({ topics: [/pay.*/, ...manyTopics(401)] }),
    ],
    ['an internal topic', 'links[0].topics[0]', withLink({ topics: ['__consumer_offsets'] })],
    ['a consumer group of 201 characters', 'links[0].topics[0]', withLink({ topics: ['t'.repeat(181)] })],
    ['a naming without the topic', 'links[0].naming', withLink({ naming: 'replica' as never })],
    ['a naming with an unknown part', 'links[0].naming', withLink({ naming: '{region}.{topic}' })],
    [
      'a replica name of 250 characters',
      'links[0].naming',
      withLink({ topics: ['orders'], naming: `${'x'.repeat(244)}{topic}` }),
    ],
    ['an unknown placement', 'links[0].placement', withLink({ placement: 'middle' as never })],
    ['an unknown compression', 'links[0].compression', withLink({ compression: 'lz4' as never })],
    ['a batch of 10,001', 'links[0].batchSize', withLink({ batchSize: 10_001 })],
    ['a batch of nothing', 'links[0].batchSize', withLink({ batchSize: 0 })],
    ['a window of 301 s', 'links[0].batchWindowMs', withLink({ batchWindowMs: 301_000 })],
    ['a window of 250 ms', 'links[0].batchWindowMs', withLink({ batchWindowMs: 250 })],
    ['a timeout of 14 min and a second', 'links[0].functionTimeoutMs', withLink({ functionTimeoutMs: 841_000 })],
    ['a timeout of half seconds', 'links[0].functionTimeoutMs', withLink({ functionTimeoutMs: 60_500 })],
    ['an append that outlasts the function', 'links[0].appendDeadlineMs', withLink({ functionTimeoutMs: 24_000 })],
    ['too little memory', 'links[0].memoryMiB', withLink({ memoryMiB: 511 })],
    ['a concurrency of nothing', 'links[0].reservedConcurrency', withLink({ reservedConcurrency: 0 })],
    ['201 pollers at least', 'links[0].pollers.minimum', withLink({ pollers: pollers(201, 300) })],
    ['2,001 pollers at most', 'links[0].pollers.maximum', withLink({ pollers: { minimum: 1, maximum: 2_001 } })],
    ['more pollers at least than at most', 'links[0].pollers', withLink({ pollers: pollers(3, 2) })],
    ['a bad poller group', 'links[0].pollers.group', withLink({ pollers: pollers(1, 2, 'a b') })],
    [
      'a group of more than 2,000 pollers',
      'links[0].pollers.group',
      withLink({ topics: manyTopics(3), pollers: pollers(1, 700) }),
    ],
    [
      'a group of more than 100 mappings',
      'links[0].pollers.group',
      withLink({ topics: manyTopics(101), pollers: pollers(1, 1) }),
    ],
    [
      'a group that one pattern is too much for',
      'links[0].pollers.group',
      withLink({ topics: [/pay.*/, ...manyTopics(100)], pollers: pollers(1, 1) }),
    ],
    ['a retention that CloudWatch does not know', 'links[0].logRetentionDays', withLink({ logRetentionDays: 31 })],
    ['a map that is not kept', 'links[0].mapRetentionDays', withLink({ mapRetentionDays: 0 })],
    [
      'a threshold below the minute',
      'links[0].thresholds.standstillMs',
      withLink({ thresholds: { standstillMs: 59_999 } }),
    ],
    [
      'a secret of another region',
      'links[0].placement',
      withWest({
        login: { kind: 'plain', secret: 'arn:aws:secretsmanager:us-west-2:111122223333:secret:kafka-AbCdEf' },
      }),
    ],
    [
      'no login and no network',
      'links[0].source',
      { ...withLink({ placement: 'source' }), clusters: { west: { ...west, login: noLogin }, east } },
    ],
    [
      "another account's MSK, polled by its ARN",
      'links[0].source',
      { ...withLink({ placement: 'source' }), account: '999900001111', clusters: { west: mskWest, east } },
    ],
    ['two topics that become one', 'links[1].topics[0]', { ...valid, links: [link, { ...link, name: 'again' }] }],
    ['replicas that only a dot tells apart', 'links[0].topics[1]', withLink({ topics: ['a.b', 'a_b'] })],
    [
      'an unknown cluster in a pair',
      'pairs[0].clusters',
      { ...valid, pairs: [{ clusters: ['west', 'north' as never] }] },
    ],
    ['a pair without a link', 'pairs[0].clusters', { ...valid, links: [], pairs: [{ clusters: ['west', 'east'] }] }],
    [
      'two pairs of the same clusters',
      'pairs[1].clusters',
      { ...valid, pairs: [{ clusters: ['west', 'east'] }, { name: 'again', clusters: ['east', 'west'] }] },
    ],
    ['a bad name of a pair', 'pairs[0].name', { ...valid, pairs: [{ name: 'West/East', clusters: ['west', 'east'] }] }],
    ['a misspelt field', 'links[0].batchsize', untyped(withLink({ batchsize: 3 } as never))],
    [
      'a password',
      'clusters.west.login.password',
      untyped(withWest({ login: { kind: 'plain', secret: 's', password: 'p' } as never })),
    ],
    ['a missing secret', 'clusters.west.login.secret', untyped(withWest({ login: { kind: 'plain' } as never }))],
    ['a list in place of a pattern', 'links[0].topics', untyped(withLink({ topics: [['orders']] as never }))],
    ['a rule that is a number', 'links[0].onSourceDelete', untyped(withLink({ onSourceDelete: 3 as never }))],
    [
      'a misspelt rule',
      'links[0].onSourceDelete.afterDays',
      untyped(withLink({ onSourceDelete: { deleteAfterDays: 3, afterDays: 3 } as never })),
    ],
    ['a factor as text', 'links[0].replicationFactor', untyped(withLink({ replicationFactor: '3' as never }))],
    ['a number as text', 'links[0].batchSize', untyped(withLink({ batchSize: '100' as never }))],
    ['no links at all', 'topology.links', untyped({ clusters: { west, east } })],
    ['a link that is nothing', 'links[0]', untyped({ ...valid, links: [null], pairs: [] })],
    ['a pair of three', 'pairs[0].clusters', untyped({ ...valid, pairs: [{ clusters: ['west', 'east', 'west'] }] })],
  ])('is reported with its path: %s', (_what, path, input) => {
    expect([...new Set(paths(input))]).toEqual([path])
  })

  it('is counted over all links that share a poller group, in one network', () => {
    const shared = { topics: manyTopics(2), pollers: pollers(1, 600) }
    const links = [
      { ...link, ...shared },
      { ...link, ...shared, name: 'second', naming: 'second.{topic}' },
    ] as const
    expect(paths({ ...valid, links })).toEqual(['links[1].pollers.group'])
    const placement = 'source'
    const apart = { west: { ...west, network: mskWest.network as never }, east }
    expect(paths({ ...valid, clusters: apart, links: [links[0], { ...links[1], placement }] })).toEqual([])
  })

  it('never hides another: ten mistakes give ten messages, each with its path and remedy', () => {
    const input: TopologyInput = untyped({
      account: '12',
      clusters: {
        west: { ...west, region: 'nowhere', login: { kind: 'iam' } },
        east: { ...east, bootstrapServers: ['east'] },
      },
      links: [
        { ...link, topics: ['a b', /pay.*/i], batchSize: 20_000, batchWindowMs: 1, compresion: 'gzip' },
        { name: 'other', source: 'east', target: 'north', topics: ['orders'] },
      ],
    })
    const expected = [
      'account',
      'clusters.west.region',
      'clusters.west.login.kind',
      'clusters.east.bootstrapServers[0]',
      'links[0].topics[0]',
      'links[0].topics[1]',
      'links[0].batchSize',
      'links[0].batchWindowMs',
      'links[0].compresion',
      'links[1].target',
    ]
    const mistakes = checkTopology(input)
    expect(mistakes.map(({ path }) => path).toSorted()).toEqual(expected.toSorted())
    const refusal = () => defineTopology(input)
    expect(refusal).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    expect(refusal).toThrow(/mistakes: 10/)
    for (const { path, reason, remedy } of mistakes) expect(refusal).toThrow(`${path}: ${reason}; ${remedy}`)
  })
})
