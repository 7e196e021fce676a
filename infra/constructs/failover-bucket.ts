import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { failoverBucketName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { encryptionKey } from './encryption-key.ts'

export interface FailoverBucketProps {
  readonly link: Link
  /** Whether the bucket outlives its stack. */
  readonly protect: boolean
  /** @default objects are encrypted with keys that S3 manages */
  readonly encryptionKeyArn?: string
}

/** Where the reports of failovers stay, and records that one of them left behind; nothing in it expires by itself. */
export class FailoverBucket extends Construct {
  constructor(scope: Construct, id: string, { link, protect, encryptionKeyArn }: FailoverBucketProps) {
    super(scope, id)
    const bucket = new Bucket(this, 'Bucket', {
      bucketName: failoverBucketName(link, Stack.of(this).account),
      encryption: encryptionKeyArn === undefined ? BucketEncryption.S3_MANAGED : BucketEncryption.KMS,
      ...encryptionKey(this, encryptionKeyArn),
      ...(encryptionKeyArn === undefined ? {} : { bucketKeyEnabled: true }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions::AwsSolutions-S1',
      reason: 'Two functions write it; who reads it is in CloudTrail data events, where an installation turns them on.',
    })
  }
}
