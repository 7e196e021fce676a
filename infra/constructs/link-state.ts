import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { tableName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { encryptionKey } from './encryption-key.ts'

/** What the replicate function does with the table, action by action. */
const CHECKPOINT_ACTIONS = [
  'dynamodb:BatchGetItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
]

const FAILOVER_ACTIONS = ['ConditionCheckItem', 'DeleteItem', 'PutItem', 'UpdateItem'].map((name) => `dynamodb:${name}`)

const READ_ACTIONS = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query']

/** Finds a page of the offset map by its first target offset. */
const BY_TARGET = 'by-target'

/** Partition keys that do not tell a partition: what a link is, its topics, what passes did and looks saw, and who is at it. */
type Key = 'LINK' | 'LEASE' | 'DRILL' | Passes | Fences

/** What passes remember, and what fences made and tails are. */
type Passes = 'TOPICS' | 'GROUPS' | 'ACCESS' | 'HELD' | 'LAG' | 'HEARTBEAT' | 'VERIFY'
type Fences = 'FENCES' | 'TAILS'

/** What DynamoDB does with a customer-managed key in the name of whoever uses the table. */
const KEY_ACTIONS = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey']
const READ_KEY_ACTIONS = ['kms:Decrypt', 'kms:DescribeKey']

interface LinkStateAccessProps {
  readonly link: Link
  /** @default the table is encrypted with a key that AWS manages */
  readonly encryptionKeyArn?: string
}

export interface LinkStateProps extends LinkStateAccessProps {
  /** Whether the table outlives its stack and refuses to be deleted. */
  readonly protect: boolean
}

/** The table of a link by its conventional name, from whatever stack and region. */
export class LinkStateAccess {
  readonly #tableArn: string
  readonly #encryptionKeyArn: string | undefined

  constructor(scope: Construct, { link, encryptionKeyArn }: LinkStateAccessProps) {
    this.#tableArn = Stack.of(scope).formatArn({
      service: 'dynamodb',
      region: link.target.region,
      resource: 'table',
      resourceName: tableName(link),
    })
    this.#encryptionKeyArn = encryptionKeyArn
  }

  /** To read and move checkpoints, and to write pages of the offset map and the gap ledger. */
  grantCheckpoint(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: CHECKPOINT_ACTIONS, resourceArns: [this.#tableArn] })
    this.#grantKey(grantee, KEY_ACTIONS)
  }

  /** To read it, the offset map in both directions included; or what is under `keys`, and nothing else. */
  grantRead(grantee: IGrantable, keys?: readonly Key[]): void {
    const index = `${this.#tableArn}/index/${BY_TARGET}`
    const reading = keys === undefined ? { resourceArns: [this.#tableArn, index] } : this.#only(keys)
    Grant.addToPrincipal({ grantee, actions: READ_ACTIONS, ...reading })
    this.#grantKey(grantee, READ_KEY_ACTIONS)
  }

  /** To write what is under `keys`: a pass over groups or rights can do no harm to checkpoints and the offset map. */
  grantPut(grantee: IGrantable, keys: readonly Key[]): void {
    Grant.addToPrincipal({ grantee, actions: ['dynamodb:PutItem'], ...this.#only(keys) })
    this.#grantKey(grantee, KEY_ACTIONS)
  }

  /** To change what is under `keys`, and nothing else. */
  grantUpdate(grantee: IGrantable, keys: readonly Key[]): void {
    Grant.addToPrincipal({ grantee, actions: ['dynamodb:UpdateItem'], ...this.#only(keys) })
    this.#grantKey(grantee, KEY_ACTIONS)
  }

  /** To forget what is under `keys`. */
  grantRemove(grantee: IGrantable, keys: readonly Key[]): void {
    Grant.addToPrincipal({ grantee, actions: ['dynamodb:DeleteItem'], ...this.#only(keys) })
    this.#grantKey(grantee, KEY_ACTIONS)
  }

  /**
   * To change roles, to seed the offset map, and to read everything: what is conditional on the lock is one transaction with a
   * look at it. Nothing else than a failover may, and it may not write what is under the keys `but`, which others remember.
   */
  grantFailover(grantee: IGrantable, but: readonly Key[]): void {
    this.grantRead(grantee)
    const conditions = { 'ForAllValues:StringNotEquals': { 'dynamodb:LeadingKeys': [...but] } }
    Grant.addToPrincipal({ grantee, actions: FAILOVER_ACTIONS, resourceArns: [this.#tableArn], conditions })
    this.#grantKey(grantee, KEY_ACTIONS)
  }

  #only(keys: readonly Key[]) {
    const conditions = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [...keys] } }
    return { resourceArns: [this.#tableArn], conditions }
  }

  #grantKey(grantee: IGrantable, actions: string[]): void {
    if (this.#encryptionKeyArn === undefined) return
    Grant.addToPrincipal({ grantee, actions, resourceArns: [this.#encryptionKeyArn] })
  }
}

/** All that is remembered of a link, in the target's region. The second index finds a page by its first target offset. */
export class LinkState extends Construct {
  constructor(scope: Construct, id: string, { link, protect, encryptionKeyArn }: LinkStateProps) {
    super(scope, id)
    const table = new Table(this, 'Table', {
      tableName: tableName(link),
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expiresAt',
      encryption: encryptionKeyArn === undefined ? TableEncryption.AWS_MANAGED : TableEncryption.CUSTOMER_MANAGED,
      ...encryptionKey(this, encryptionKeyArn),
      deletionProtection: protect,
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    table.addLocalSecondaryIndex({
      indexName: BY_TARGET,
      sortKey: { name: 'byTarget', type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    })
  }
}
