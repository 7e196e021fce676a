import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import type { TopologyInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { valid, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise, templateOf } from './synthesised.ts'

const key = 'arn:aws:kms:eu-west-1:111122223333:key/0a0b0c0d-0000-4000-8000-0a0b0c0d0e0f'

const stateOf = (input: TopologyInput) => templateOf(synthesise(defineTopology(input)), 'twinshore-west-east-state')

describe('the table of a link', () => {
  it('finds items by key, and pages by their first target offset', () => {
    stateOf(valid).hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: 'by-target',
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'byTarget', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      AttributeDefinitions: Match.arrayWith([{ AttributeName: 'byTarget', AttributeType: 'S' }]),
    })
  })

  it('costs by use, forgets what expired, and can go back to any second', () => {
    stateOf(valid).hasResourceProperties('AWS::DynamoDB::Table', {
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      SSESpecification: { SSEEnabled: true },
    })
  })

  it('outlives its stack unless the topology says otherwise', () => {
    const stacks = synthesise(defineTopology(valid))
    templateOf(stacks, 'twinshore-west-east-state').hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: { DeletionProtectionEnabled: true },
    })
    expect([...stacks.values()].map((stack) => stack.protected)).toEqual(Array(4).fill(true))
    const fleeting = synthesise(defineTopology({ ...valid, protect: false }))
    templateOf(fleeting, 'twinshore-west-east-state').hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtectionEnabled: false },
    })
    expect([...fleeting.values()].map((stack) => stack.protected)).toEqual(Array(4).fill(false))
  })

  it("is encrypted with the user's key where there is one in its region", () => {
    stateOf({ ...valid, encryptionKeys: { 'eu-west-1': key } }).hasResourceProperties('AWS::DynamoDB::Table', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key },
    })
    const elsewhere = { 'us-west-2': key.replace('eu-west-1', 'us-west-2') }
    stateOf({ ...valid, encryptionKeys: elsewhere }).hasResourceProperties('AWS::DynamoDB::Table', {
      SSESpecification: { KMSMasterKeyId: Match.absent() },
    })
  })
})

describe('the quarantine of a link', () => {
  it('is there only when the link puts records into it', () => {
    stateOf(valid).resourceCountIs('AWS::S3::Bucket', 0)
    stateOf(withLink({ onPoison: 'quarantine' })).resourceCountIs('AWS::S3::Bucket', 1)
  })

  it('is private, encrypted, versioned, kept, and takes no request in the clear', () => {
    const template = stateOf(withLink({ onPoison: 'quarantine' }))
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        BucketEncryption: Match.anyValue(),
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: Match.absent(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    })
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
      },
    })
  })

  it("is encrypted with the user's key where there is one", () => {
    stateOf({ ...withLink({ onPoison: 'quarantine' }), encryptionKeys: { 'eu-west-1': key } }).hasResourceProperties(
      'AWS::S3::Bucket',
      {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            Match.objectLike({ ServerSideEncryptionByDefault: { KMSMasterKeyID: key, SSEAlgorithm: 'aws:kms' } }),
          ],
        },
      },
    )
  })
})
