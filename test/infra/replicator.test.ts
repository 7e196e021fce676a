import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import { parseReplicateConfig } from '../../shared/config/replicate-config.ts'
import type { TopologyInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import {
  east,
  mskEast,
  mskWest,
  valid,
  west,
  withLink,
  withWest,
} from '../unit/shared/domain/topology/topology-example.ts'
import { rights, synthesise, templateOf } from './synthesised.ts'

const FUNCTION = 'AWS::Lambda::Function'

const replicationOf = (input: TopologyInput) =>
  templateOf(synthesise(defineTopology({ account: '111122223333', ...input })), 'twinshore-west-east-replication')

const environmentOf = (input: TopologyInput): Record<string, string> => {
  const [made] = Object.values(replicationOf(input).findResources(FUNCTION))
  return made?.Properties.Environment.Variables
}

describe('the replicate function', () => {
  it('runs on the Node and the processor that it was measured on, without tracing', () => {
    replicationOf(valid).hasResourceProperties(FUNCTION, {
      FunctionName: 'twinshore-west-east-replicate',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 1024,
      Timeout: 30,
      TracingConfig: Match.absent(),
      ReservedConcurrentExecutions: Match.absent(),
    })
  })

  it('has the size that the link gives it', () => {
    const link = { memoryMiB: 2048, functionTimeoutMs: 840_000, reservedConcurrency: 7 }
    replicationOf(withLink(link)).hasResourceProperties(FUNCTION, {
      MemorySize: 2048,
      Timeout: 840,
      ReservedConcurrentExecutions: 7,
    })
  })

  it('runs in the network of its placement, or in none', () => {
    replicationOf(valid).hasResourceProperties(FUNCTION, {
      VpcConfig: { SubnetIds: east.network?.subnetIds, SecurityGroupIds: east.network?.securityGroupIds },
    })
    replicationOf({ ...valid, clusters: { west: mskWest, east: mskEast } }).hasResourceProperties(FUNCTION, {
      VpcConfig: Match.absent(),
    })
  })

  it('learns from its environment what the topology says', () => {
    const clusters = { west: { ...west, caSecret: 'kafka/ca' }, east: mskEast }
    const link = { naming: 'prefix', onPoison: 'quarantine', compression: 'gzip', mapRetentionDays: 2 } as const
    expect(parseReplicateConfig(environmentOf({ ...withLink(link), clusters }))).toEqual({
      link: {
        installation: 'twinshore',
        name: 'west-east',
        replicaTemplate: 'west.{topic}',
        provenance: false,
        delivery: 'at-least-once',
        compression: 'gzip',
        onPoison: 'quarantine',
        appendDeadlineMs: 20_000,
        mapRetentionMs: 172_800_000,
        initialMode: 'forwarding',
      },
      source: {
        cluster: 'west',
        bootstrapServers: west.bootstrapServers,
        tls: true,
        caSecret: 'kafka/ca',
        login: { kind: 'scram-sha-512', secret: 'kafka/west' },
      },
      target: {
        cluster: 'east',
        bootstrapServers: mskEast.bootstrapServers,
        tls: true,
        login: { kind: 'iam', region: 'eu-west-1' },
      },
      table: { name: 'twinshore-west-east', region: 'eu-west-1' },
      quarantineBucket: 'twinshore-west-east-quarantine-111122223333',
    })
  })

  it('keeps its logs in a group of its own for as long as the link says', () => {
    replicationOf(withLink({ logRetentionDays: 90 })).hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Retain',
      Properties: { LogGroupName: '/aws/lambda/twinshore-west-east-replicate', RetentionInDays: 90 },
    })
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/0a0b0c0d-0000-4000-8000-0a0b0c0d0e0f'
    replicationOf({ ...valid, protect: false, encryptionKeys: { 'eu-west-1': key } }).hasResource(
      'AWS::Logs::LogGroup',
      {
        DeletionPolicy: 'Delete',
        Properties: { KmsKeyId: key },
      },
    )
  })

  it("encrypts its logs with the user's key of its own region, wherever the table is", () => {
    const key = (region: string) => `arn:aws:kms:${region}:111122223333:key/0a0b0c0d-0000-4000-8000-0a0b0c0d0e0f`
    const encryptionKeys = { 'eu-west-1': key('eu-west-1'), 'us-west-2': key('us-west-2') }
    const input = { ...withLink({ placement: 'source' }), clusters: { west: mskWest, east: mskEast }, encryptionKeys }
    const template = replicationOf(input)
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: key('us-west-2') })
    expect([...rights(template)].filter((right) => right.startsWith('kms:Decrypt'))).toEqual([
      `kms:Decrypt ${key('eu-west-1')}`,
    ])
  })

  it('is refused when its environment is larger than Lambda takes', () => {
    const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example.org`
    const servers = (side: string) => Array.from({ length: 10 }, (_, index) => `${side}${index}.${host}:9093`)
    const large = {
      ...withWest({ bootstrapServers: servers('w') }).clusters,
      east: { ...east, bootstrapServers: servers('e') },
    }
    expect(() => replicationOf({ ...valid, clusters: large })).toThrow(
      /CONFIG_INVALID: writing the environment of link west-east: \d{4} bytes, and Lambda takes 4096/,
    )
  })
})
