import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import kafkajs from 'kafkajs' // its constants cannot be imported by name: it is CommonJS
import { clientSettings } from '../aws/deployed-stack.ts'
import type { LocalCluster } from '../kafka/cluster.ts'
import type { User } from '../kafka/cluster-login.ts'
import { kafkaClient } from '../kafka/kafka-client.ts'
import type { ReadSecret } from './polled-mapping.ts'
import type { WorldLayout } from './world-layout.ts'

/** How the topology of a local world says how to log in to one of its clusters. */
export interface TopologyAccess {
  readonly bootstrapServers: readonly string[]
  readonly login?: { readonly kind: 'scram-sha-512'; readonly secret: string }
  readonly caSecret?: string
}

type Kept = 'login' | 'ca' | 'application'

const secretName = ({ name }: Pick<LocalCluster, 'name'>, what: Kept): string => `twinshore/local/${name}/${what}`

/** What an application logs in with, so that its rights can be tried. */
export const applicationSecret = (cluster: string): string => secretName({ name: cluster }, 'application')

export const topologyAccess = (cluster: LocalCluster): TopologyAccess => ({
  bootstrapServers: cluster.bootstrapServers,
  ...(cluster.login.kind !== 'none' && {
    login: { kind: cluster.login.kind, secret: secretName(cluster, 'login') },
    caSecret: secretName(cluster, 'ca'),
  }),
})

/** An AWS that has seen a world before has its secrets too. */
const putSecret = async (client: SecretsManagerClient, name: string, content: object): Promise<void> => {
  const SecretString = JSON.stringify(content)
  try {
    await client.send(new CreateSecretCommand({ Name: name, SecretString }))
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString }))
  }
}

/** Puts what the link needs to log in to a cluster into Secrets Manager of a region. */
export const keepSecrets = async (endpoint: string, region: string, cluster: LocalCluster): Promise<void> => {
  const [login, application] = [cluster.loginOf('replicator'), cluster.loginOf('application')]
  if (login.kind === 'none' || application.kind === 'none') return
  const client = new SecretsManagerClient(clientSettings(endpoint, region))
  const put = (what: Kept, content: object) => putSecret(client, secretName(cluster, what), content)
  try {
    await put('login', { username: login.username, password: login.password })
    await put('application', { username: application.username, password: application.password })
    await put('ca', { certificate: login.ca })
  } finally {
    client.destroy()
  }
}

/** Reads secrets of the local AWS. */
export const secretReader =
  (endpoint: string): ReadSecret =>
  async (region, arn) => {
    const client = new SecretsManagerClient(clientSettings(endpoint, region))
    try {
      const { SecretString: text = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: arn }))
      return JSON.parse(text)
    } finally {
      client.destroy()
    }
  }

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs
const { READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS, IDEMPOTENT_WRITE, CREATE, ALTER, ALTER_CONFIGS, DELETE } =
  AclOperationTypes
const { TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID } = AclResourceTypes

const RIGHTS = {
  source: [
    { resourceType: TOPIC, resourceName: '*', operations: [READ, DESCRIBE, DESCRIBE_CONFIGS] },
    { resourceType: GROUP, resourceName: '*', operations: [READ, DESCRIBE] },
  ],
  target: [
    {
      resourceType: TOPIC,
      resourceName: '*',
      operations: [WRITE, DESCRIBE, DESCRIBE_CONFIGS, CREATE, ALTER, ALTER_CONFIGS, DELETE],
    },
    { resourceType: CLUSTER, resourceName: 'kafka-cluster', operations: [IDEMPOTENT_WRITE] },
  ],
  /** On the target, besides, of a link that delivers exactly once. */
  transactions: [
    { resourceType: TRANSACTIONAL_ID, resourceName: '*', operations: [WRITE, DESCRIBE] },
    { resourceType: GROUP, resourceName: '*', operations: [READ, DESCRIBE] },
    { resourceType: TOPIC, resourceName: '*', operations: [READ] },
  ],
  /** On the target, besides, of a link that is verified. */
  verification: [{ resourceType: TOPIC, resourceName: '*', operations: [READ] }],
  /** On the target, besides, of a link that moves groups: Kafka lets nobody commit where they may not read. */
  groups: [
    { resourceType: GROUP, resourceName: '*', operations: [READ, DESCRIBE] },
    { resourceType: TOPIC, resourceName: '*', operations: [READ] },
  ],
  /** Besides, where rights and quotas are read, and where they are kept in step. */
  accessFrom: [{ resourceType: CLUSTER, resourceName: 'kafka-cluster', operations: [DESCRIBE, DESCRIBE_CONFIGS] }],
  accessTo: [
    {
      resourceType: CLUSTER,
      resourceName: 'kafka-cluster',
      operations: [DESCRIBE, DESCRIBE_CONFIGS, ALTER, ALTER_CONFIGS],
    },
  ],
} as const

/** Gives the user of the links what a link needs on one side, and nothing else. */
export const grantReplication = (cluster: LocalCluster, side: keyof typeof RIGHTS): Promise<void> =>
  grant(cluster, 'replicator', RIGHTS[side])

/** Gives applications a topic to read and write, and a group. */
export const grantApplication = (cluster: LocalCluster, topic: string, group: string): Promise<void> =>
  grant(cluster, 'application', [
    { resourceType: TOPIC, resourceName: topic, operations: [READ, WRITE, DESCRIBE] },
    { resourceType: GROUP, resourceName: group, operations: [READ, DESCRIBE] },
  ])

interface Rights {
  readonly resourceType: kafkajs.AclResourceTypes
  readonly resourceName: string
  readonly operations: readonly kafkajs.AclOperationTypes[]
}

const grant = async (cluster: LocalCluster, user: User, rights: readonly Rights[]): Promise<void> => {
  if (cluster.login.kind === 'none') return
  const admin = kafkaClient(cluster.bootstrapServers, cluster.login).admin()
  await admin.connect()
  try {
    const base = {
      principal: `User:${user}`,
      host: '*',
      permissionType: AclPermissionTypes.ALLOW,
      resourcePatternType: ResourcePatternTypes.LITERAL,
    }
    const acl = rights.flatMap(({ operations, ...resource }) =>
      operations.map((operation) => ({ ...base, ...resource, operation })),
    )
    await admin.createAcls({ acl })
  } finally {
    await admin.disconnect()
  }
}

/** Gives the user of the links what all of them together need on each cluster. */
export const grantLinks = async (
  clusters: ReadonlyMap<string, LocalCluster>,
  links: WorldLayout['links'],
): Promise<void> => {
  for (const [name, cluster] of clusters) {
    if (links.some(({ source }) => source === name)) await grantReplication(cluster, 'source')
    if (links.some(({ target }) => target === name)) {
      await grantReplication(cluster, 'target')
      await grantReplication(cluster, 'verification')
    }
    const groupsCome = links.some(({ target, syncGroups = true }) => target === name && syncGroups)
    if (groupsCome) await grantReplication(cluster, 'groups')
    const withAccess = links.filter(({ access }) => access !== undefined)
    if (withAccess.some(({ source }) => source === name)) await grantReplication(cluster, 'accessFrom')
    if (withAccess.some(({ target }) => target === name)) await grantReplication(cluster, 'accessTo')
  }
}
