import { Admin, ConfigResourceTypes, ConfigSources, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka'
import type { ClusterAccess } from '../check/broker-connections.ts'
import { eventually } from '../machine/eventually.ts'

export interface LocalTopic {
  readonly name: string
  readonly partitions: number
  /** Settings by Kafka's names. */
  readonly settings?: Readonly<Record<string, string>>
  /** The brokers of each partition's replicas; the cluster chooses when absent. */
  readonly replicas?: readonly (readonly number[])[]
}

/** A broker that has just come (back) is registered by then, or something is wrong with it. */
const REGISTERED_WITHIN_MS = 60_000
/** What the controller answers while a broker that the topic needs is not registered with it, or it is new itself. */
const PASSES = ['INVALID_REPLICA_ASSIGNMENT', 'INVALID_REPLICATION_FACTOR', 'NOT_CONTROLLER', 'REQUEST_TIMED_OUT']

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

const refusals = (error: unknown): string[] => {
  const { errors = [], apiId } = error as { errors?: readonly unknown[]; apiId?: string }
  return [...(apiId === undefined ? [] : [apiId]), ...errors.flatMap(refusals)]
}

const createTopic = async (admin: Admin, { name, partitions, settings = {}, replicas }: LocalTopic): Promise<void> => {
  const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }))
  const assignments = replicas?.map((brokers, partition) => ({ partition, brokers: [...brokers] }))
  let timedOut = false
  const isCreated = async (): Promise<boolean> => {
    try {
      await admin.createTopics({ topics: [name], configs, ...(assignments ? { assignments } : { partitions }) })
      return true
    } catch (error) {
      const reasons = refusals(error)
      if (timedOut && reasons.includes('TOPIC_ALREADY_EXISTS')) return true
      if (!reasons.some((reason) => PASSES.includes(reason))) throw error
      timedOut ||= reasons.includes('REQUEST_TIMED_OUT')
      return false
    }
  }
  await eventually(`the cluster to create ${name}`, isCreated, { withinMs: REGISTERED_WITHIN_MS, everyMs: 100 })
}

export const createTopics = (access: ClusterAccess, topics: readonly LocalTopic[]): Promise<void> =>
  withAdmin(access, async (admin) => {
    for (const topic of topics) await createTopic(admin, topic)
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

/** Back to what the cluster says for all topics. */
export const unsetTopic = (access: ClusterAccess, topic: string, setting: string): Promise<void> =>
  withAdmin(access, (admin) => {
    const configs = [{ name: setting, value: null, configOperation: IncrementalAlterConfigOperationTypes.DELETE }]
    return admin.incrementalAlterConfigs({
      resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configs }],
    })
  })

export const deleteTopic = (access: ClusterAccess, topic: string): Promise<void> =>
  withAdmin(access, (admin) => admin.deleteTopics({ topics: [topic] }))

export const topicNames = (access: ClusterAccess): Promise<string[]> =>
  withAdmin(access, (admin) => admin.listTopics({ includeInternals: false }))

/** Topics as the cluster tells of them, with the settings that are theirs alone; absent are those that it does not have. */
export const describeTopics = (access: ClusterAccess, topics: readonly string[]): Promise<LocalTopic[]> =>
  withAdmin(access, async (admin) => {
    const there = new Set(await admin.listTopics({ includeInternals: true }))
    const asked = topics.filter((topic) => there.has(topic))
    if (asked.length === 0) return []
    const { topics: found } = await admin.metadata({ topics: asked, forceUpdate: true })
    const resources = asked.map((resourceName) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName }))
    const told = await admin.describeConfigs({ resources })
    return asked.map((name) => {
      const own = told
        .filter(({ resourceName }) => resourceName === name)
        .flatMap(({ configs }) => configs)
        .filter(({ configSource }) => configSource === ConfigSources.DYNAMIC_TOPIC_CONFIG)
      const settings = Object.fromEntries(own.map((setting) => [setting.name, setting.value ?? '']))
      return { name, partitions: found.get(name)?.partitionsCount ?? 0, settings }
    })
  })
