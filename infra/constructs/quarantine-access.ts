import { Stack, Token, Validations } from 'aws-cdk-lib'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import type { Construct, IConstruct } from 'constructs'
import { quarantineBucketName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'

export interface QuarantineAccessProps {
  readonly link: Link
  /** @default objects are encrypted with keys that S3 manages */
  readonly encryptionKeyArn?: string
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
