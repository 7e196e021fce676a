import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka'
import type { ClusterAccess } from '../check/broker-connections.ts'

export interface LocalTopic {
  readonly name: string
  readonly partitions: number
  /** Settings by Kafka's names. */
  readonly settings?: Readonly<Record<string, string>>
}

/** How the client library wants to be told of a local cluster. */
export const clientOptions = ({ bootstrapServers, login }: ClusterAccess) => ({
  clientId: 'twinshore-local',
  bootstrapBrokers: [...bootstrapServers],
  ...(login.kind !== 'none' && {
    tls: { ca: [login.ca] },
    sasl: { mechanism: 'SCRAM-SHA-512' as const, username: login.username, password: login.password },
  }),
})

const withAdmin = async <Answer>(access: ClusterAccess, ask: (admin: Admin) => Promise<Answer>): Promise<Answer> => {
  const admin = new Admin(clientOptions(access))
  try {
    return await ask(admin)
  } finally {
    await admin.close()
  }
}

export const createTopics = (access: ClusterAccess, topics: readonly LocalTopic[]): Promise<void> =>
  withAdmin(access, async (admin) => {
    for (const { name, partitions, settings = {} } of topics) {
      const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }))
      await admin.createTopics({ topics: [name], partitions, configs })
    }
  })

/** Adds to the settings of topics or brokers, and leaves the others as they are. */
const alter = (admin: Admin, resourceType: 2 | 4, resourceName: string, settings: Record<string, string>) => {
  const configs = Object.entries(settings).map(([name, value]) => ({
    name,
    value,
    configOperation: IncrementalAlterConfigOperationTypes.SET,
  }))
  return admin.incrementalAlterConfigs({ resources: [{ resourceType, resourceName, configs }] })
}

export const alterTopic = (access: ClusterAccess, topic: string, settings: Record<string, string>): Promise<void> =>
  withAdmin(access, (admin) => alter(admin, ConfigResourceTypes.TOPIC, topic, settings))

/** Settings of each broker, as far as Kafka lets them change while it runs. */
export const alterBrokers = (access: ClusterAccess, settings: Record<string, string>): Promise<void> =>
  withAdmin(access, async (admin) => {
    const { brokers } = await admin.metadata({})
    for (const id of brokers.keys()) await alter(admin, ConfigResourceTypes.BROKER, String(id), settings)
  })
