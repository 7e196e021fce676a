import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { encryptionKey } from './encryption-key.ts'

export interface KeptBucketProps {
  readonly bucketName: string
  /** Who puts objects into it, for those who ask why it has no access log: `One function writes it`. */
  readonly writers: string
  /** Whether the bucket outlives its stack. */
  readonly protect: boolean
  /** @default objects are encrypted with keys that S3 manages */
  readonly encryptionKeyArn?: string
}

/** What stays until an operator takes it away: nothing in it expires by itself, and nothing is ever overwritten for good. */
export class KeptBucket extends Construct {
  constructor(scope: Construct, id: string, { bucketName, writers, protect, encryptionKeyArn }: KeptBucketProps) {
    super(scope, id)
    const bucket = new Bucket(this, 'Bucket', {
      bucketName,
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
      reason: `${writers}; who reads it is in CloudTrail data events, where an installation turns them on.`,
    })
  }
}
