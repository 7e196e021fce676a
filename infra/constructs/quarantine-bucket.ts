import { RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Construct, type IConstruct } from 'constructs'
import { quarantineBucketName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { encryptionKey } from './encryption-key.ts'

interface QuarantineAccessProps {
  readonly link: Link
  /** @default objects are encrypted with keys that S3 manages */
  readonly encryptionKeyArn?: string
}

export interface QuarantineBucketProps extends QuarantineAccessProps {
  /** Whether the bucket outlives its stack. */
  readonly protect: boolean
}

/** The quarantine of a link by its conventional name, from whatever stack and region. */
export class QuarantineAccess {
  readonly #stack: Stack
  readonly #link: Link
  readonly #encryptionKeyArn: string | undefined

  constructor(scope: Construct, { link, encryptionKeyArn }: QuarantineAccessProps) {
    this.#stack = Stack.of(scope)
    this.#link = link
    this.#encryptionKeyArn = encryptionKeyArn
  }

  /** To put records away; reading and removing them is for operators. */
  grantKeep(grantee: IGrantable & IConstruct): void {
    const { partition, account } = this.#stack
    Grant.addToPrincipal({ grantee, actions: ['s3:PutObject'], resourceArns: [this.#objects(partition, account)] })
    const objects = this.#objects('<AWS::Partition>', Token.isUnresolved(account) ? '<AWS::AccountId>' : account)
    Validations.of(grantee).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${objects}]`,
      reason: 'The objects of a bucket of its own, named by the topic and the offset of each record.',
    })
    if (this.#encryptionKeyArn === undefined) return
    Grant.addToPrincipal({ grantee, actions: ['kms:GenerateDataKey'], resourceArns: [this.#encryptionKeyArn] })
  }

  #objects(partition: string, account: string): string {
    return `arn:${partition}:s3:::${quarantineBucketName(this.#link, account)}/*`
  }
}

/** Where records stay that the target refused, until an operator puts them back; nothing in it expires by itself. */
export class QuarantineBucket extends Construct {
  constructor(scope: Construct, id: string, { link, protect, encryptionKeyArn }: QuarantineBucketProps) {
    super(scope, id)
    const bucket = new Bucket(this, 'Bucket', {
      bucketName: quarantineBucketName(link, Stack.of(this).account),
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
      reason: 'One function writes it; who reads it is in CloudTrail data events, where an installation turns them on.',
    })
  }
}
