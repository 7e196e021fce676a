import { describe, expect, it } from 'vitest'
import type { TopologyInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, valid, west, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { rights, synthesise, templateOf } from './synthesised.ts'

const account = '111122223333'

const rightsOf = (input: TopologyInput): ReadonlySet<string> =>
  rights(templateOf(synthesise(defineTopology({ account, ...input })), 'twinshore-west-east-replication'))

const of = (all: ReadonlySet<string>, service: string): readonly string[] =>
  [...all].filter((right) => right.startsWith(`${service}:`)).toSorted()

const table = `arn:<AWS::Partition>:dynamodb:eu-west-1:${account}:table/twinshore-west-east`
const secret = (name: string) => `arn:<AWS::Partition>:secretsmanager:eu-west-1:${account}:secret:${name}-??????`

describe('what a replicate function may do', () => {
  it('with its table is what it does, and no more', () => {
    expect(of(rightsOf(valid), 'dynamodb')).toEqual(
      ['BatchGetItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map((action) => `dynamodb:${action} ${table}`),
    )
  })

  it("reaches the table in the target's region from wherever it is placed", () => {
    const placed = { ...withLink({ placement: 'source' }), clusters: { west: mskWest, east: mskEast } }
    expect(of(rightsOf(placed), 'dynamodb')[0]).toBe(`dynamodb:BatchGetItem ${table}`)
  })

  it('with secrets is to read those of its two clusters', () => {
    const clusters = { west: { ...west, caSecret: 'kafka/ca' }, east: { ...east, caSecret: 'kafka/ca' } }
    expect(of(rightsOf({ ...valid, clusters }), 'secretsmanager')).toEqual(
      ['kafka/ca', 'kafka/east', 'kafka/west'].map((name) => `secretsmanager:GetSecretValue ${secret(name)}`),
    )
  })

  it('with the keys of secrets is to decrypt, in its own region', () => {
    const key = (region: string) => `arn:aws:kms:${region}:${account}:key/0a0b0c0d-0000-4000-8000-0a0b0c0d0e0f`
    const secretKeys = [key('us-west-2'), key('eu-west-1')]
    expect(of(rightsOf({ ...valid, clusters: { west: { ...west, secretKeys }, east } }), 'kms')).toEqual([
      `kms:Decrypt ${key('eu-west-1')}`,
    ])
  })

  it("with the user's keys is what its table and its quarantine need", () => {
    const key = `arn:aws:kms:eu-west-1:${account}:key/0a0b0c0d-0000-4000-8000-0a0b0c0d0e0f`
    const input = { ...withLink({ onPoison: 'quarantine' }), encryptionKeys: { 'eu-west-1': key } }
    expect(of(rightsOf(input), 'kms')).toEqual(
      ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey'].map((action) => `kms:${action} ${key}`),
    )
  })

  it('with MSK, logged in by IAM, names each topic and each group', () => {
    const all = rightsOf({
      ...withLink({ topics: ['orders', 'payments'], naming: 'prefix' }),
      clusters: { west: mskWest, east: { ...mskEast, network: east.network as never } },
    })
    const on = (side: string, kind: string, name: string) => `arn:aws:kafka:${side}/${name}`.replace('cluster', kind)
    const source = 'us-west-2:111122223333:cluster/west/aaaa-1'
    const target = 'eu-west-1:111122223333:cluster/east/bbbb-2'
    const topics = ['orders', 'payments']
    expect(of(all, 'kafka-cluster')).toEqual(
      [
        `Connect ${mskWest.arn}`,
        `DescribeClusterDynamicConfiguration ${mskWest.arn}`,
        ...topics.map((topic) => `DescribeTopic ${on(source, 'topic', topic)}`),
        ...topics.map((topic) => `ReadData ${on(source, 'topic', topic)}`),
        ...topics.map((topic) => `DescribeGroup ${on(source, 'group', `twinshore.west-east.${topic}`)}`),
        ...topics.map((topic) => `AlterGroup ${on(source, 'group', `twinshore.west-east.${topic}`)}`),
        `Connect ${mskEast.arn}`,
        `WriteDataIdempotently ${mskEast.arn}`,
        ...topics.map((topic) => `DescribeTopic ${on(target, 'topic', `west.${topic}`)}`),
        ...topics.map((topic) => `DescribeTopicDynamicConfiguration ${on(target, 'topic', `west.${topic}`)}`),
        ...topics.map((topic) => `WriteData ${on(target, 'topic', `west.${topic}`)}`),
      ]
        .map((right) => `kafka-cluster:${right}`)
        .toSorted(),
    )
    expect(of(all, 'kafka')).toEqual([])
  })

  it('in transactions commits offsets of its own, under ids of its own', () => {
    const exactlyOnce = {
      ...withLink({ topics: ['orders'], naming: 'prefix', delivery: 'exactly-once' }),
      clusters: { west: mskWest, east: { ...mskEast, network: east.network as never } },
    }
    const on = (kind: string, name: string) => `arn:aws:kafka:eu-west-1:111122223333:${kind}/east/bbbb-2/${name}`
    const [all, usual] = [
      rightsOf(exactlyOnce),
      rightsOf({ ...exactlyOnce, links: [{ ...link, topics: ['orders'], naming: 'prefix' }] }),
    ]
    expect(of(all, 'kafka-cluster').filter((right) => !usual.has(right))).toEqual(
      [
        `AlterGroup ${on('group', 'twinshore-commits.twinshore.west-east.*')}`,
        `AlterTransactionalId ${on('transactional-id', 'twinshore.west-east.*')}`,
        `DescribeGroup ${on('group', 'twinshore-commits.twinshore.west-east.*')}`,
        `DescribeTransactionalId ${on('transactional-id', 'twinshore.west-east.*')}`,
        `ReadData ${on('topic', 'west.orders')}`,
      ].map((right) => `kafka-cluster:${right}`),
    )
  })

  it('finds an MSK cluster by its ARN only where the poller reads it so', () => {
    const scram = { kind: 'scram-sha-512', secret: 'AmazonMSK_west' } as const
    const clusters = { west: { ...mskWest, login: scram }, east: mskEast }
    expect(of(rightsOf({ ...withLink({ placement: 'source' }), clusters }), 'kafka')).toEqual(
      ['DescribeCluster', 'DescribeClusterV2', 'GetBootstrapBrokers', 'ListScramSecrets'].map(
        (action) => `kafka:${action} ${mskWest.arn}`,
      ),
    )
  })

  it('touches EC2 only to attach itself to a network', () => {
    const { network: _, ...outside } = east
    expect(of(rightsOf({ ...valid, clusters: { west, east: outside } }), 'ec2')).toEqual([])
    expect(of(rightsOf(valid), 'ec2')).toContain('ec2:CreateNetworkInterface *')
  })

  it('with the quarantine is to put records away', () => {
    expect(of(rightsOf(withLink({ onPoison: 'quarantine' })), 's3')).toEqual([
      `s3:PutObject arn:<AWS::Partition>:s3:::twinshore-west-east-quarantine-${account}/*`,
    ])
    expect(of(rightsOf(valid), 's3')).toEqual([])
  })

  it('has no wildcard but for network interfaces and the objects of the own bucket, and for mappings', () => {
    const all = rightsOf(withLink({ onPoison: 'quarantine' }))
    const wild = [...all].filter((right) => right.includes('*') && !/^(?:ec2|lambda):/.test(right))
    expect(wild).toEqual([`s3:PutObject arn:<AWS::Partition>:s3:::twinshore-west-east-quarantine-${account}/*`])
  })

  it('fits into policies that IAM takes, also for the most topics', () => {
    const topics = Array.from({ length: 150 }, (_, index) => `a-topic-with-a-name-of-usual-length-${index}`)
    const input = {
      ...valid,
      clusters: { west: mskWest, east: { ...mskEast, network: east.network as never } },
      links: [{ ...link, topics }],
    }
    const template = templateOf(synthesise(defineTopology(input)), 'twinshore-west-east-replication')
    const sizes = (type: string) =>
      Object.values(template.findResources(type)).map(
        ({ Properties }) => JSON.stringify(Properties.PolicyDocument).length,
      )
    expect(Math.max(...sizes('AWS::IAM::Policy'))).toBeLessThanOrEqual(10_240)
    expect(Math.max(...sizes('AWS::IAM::ManagedPolicy'))).toBeLessThanOrEqual(6_144)
    expect(sizes('AWS::IAM::ManagedPolicy').length).toBeLessThanOrEqual(10)
    expect(of(rights(template), 'kafka-cluster').filter((right) => right.includes('ReadData'))).toHaveLength(150)
  })
})
