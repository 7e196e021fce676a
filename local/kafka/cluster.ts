import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Say } from '../machine/download-cache.ts'
import { eventually } from '../machine/eventually.ts'
import { freePort } from '../machine/free-port.ts'
import { type KafkaVersion, kafkaJars } from '../machine/toolchain.ts'
import { createBroker, type LocalBroker } from './broker.ts'
import type { BrokerPlace, Properties } from './broker-properties.ts'
import { type ClusterLogin, createSecrets, loginOf, type User } from './cluster-login.ts'
import { formatStorage, loggingOptions, newUuid, quickJvm, writeConfiguration } from './cluster-storage.ts'
import { kafkaClient } from './kafka-client.ts'

export interface ClusterOptions {
  /** `source` or `target`, or what a test calls it. */
  readonly name: string
  /** Configuration, data and logs go to `<folder>/<name>`, which must not exist yet. */
  readonly folder: string
  readonly brokers?: 1 | 3
  /** Where each broker stands, in their order; a broker without an entry has no rack. */
  readonly racks?: readonly string[]
  /** SASL_SSL with SCRAM-SHA-512 and ACLs; otherwise PLAINTEXT. */
  readonly secure?: boolean
  readonly version?: KafkaVersion
  /** Broker properties that have the last word. */
  readonly properties?: Properties
  /** Instead of those of a JVM that starts quickly and stays small. */
  readonly jvmOptions?: readonly string[]
  /** Told what is fetched; by default standard error is. */
  readonly say?: Say
}

/** A running Kafka cluster that ends at the latest with the process that started it. */
export interface LocalCluster {
  readonly name: string
  readonly clusterId: string
  readonly bootstrapServers: readonly string[]
  /** The admin's login. */
  readonly login: ClusterLogin
  loginOf(user: User): ClusterLogin
  /** Where the authority to trust is kept (PEM), for clients that want a file. */
  readonly caFile: string | undefined
  readonly brokers: readonly LocalBroker[]
  stop(): Promise<void>
}

const REGISTERED_WITHIN_MS = 60_000
const STOP_TOGETHER_GRACE_MS = 1_500

const choosePlaces = (folder: string, brokers: number, racks: readonly string[]): Promise<BrokerPlace[]> =>
  Promise.all(
    Array.from({ length: brokers }, async (_, index) => {
      const rack = racks[index]
      return {
        id: index + 1,
        port: await freePort(),
        controllerPort: await freePort(),
        folder: join(folder, `broker-${index + 1}`),
        ...(rack !== undefined && { rack }),
      }
    }),
  )

/** Each broker must know all the others, or a topic made now would be refused for want of replicas. */
const untilAllRegistered = async (places: readonly BrokerPlace[], login: ClusterLogin): Promise<void> => {
  for (const { id, port } of places) {
    const kafka = kafkaClient([`127.0.0.1:${port}`], login, { retry: { retries: 0 } })
    const knowsAll = async (): Promise<boolean> => {
      const admin = kafka.admin()
      try {
        await admin.connect()
        return (await admin.describeCluster()).brokers.length === places.length
      } catch {
        return false // still electing, or still loading its users: asked again until the deadline
      } finally {
        await admin.disconnect()
      }
    }
    await eventually(`broker ${id} to know ${places.length} brokers`, knowsAll, { withinMs: REGISTERED_WITHIN_MS })
  }
}

/** Of several brokers that end together the last ones wait for a quorum that is gone, so they get little time. */
const stopAll = async (brokers: readonly LocalBroker[]): Promise<void> => {
  await Promise.all(brokers.map((broker) => broker.stop({ graceMs: STOP_TOGETHER_GRACE_MS })))
}

/** Starts a cluster and returns when all of its brokers answer and know each other. */
export const startCluster = async (options: ClusterOptions): Promise<LocalCluster> => {
  const { name, version = '4.3.1', secure = false, properties = {}, jvmOptions = quickJvm() } = options
  const jars = await kafkaJars(version, options.say)
  const folder = join(options.folder, name)
  await mkdir(options.folder, { recursive: true })
  await mkdir(folder)
  const secrets = secure ? createSecrets(name, Date.now()) : undefined
  const caFile = secrets === undefined ? undefined : join(folder, 'ca.pem')
  if (secrets !== undefined && caFile !== undefined) await writeFile(caFile, secrets.ca)
  const clusterId = newUuid()
  const places = await choosePlaces(folder, options.brokers ?? 1, options.racks ?? [])
  await writeConfiguration(places, secrets, properties)
  await formatStorage(places, jars, clusterId, secrets)

  const brokers = places.map((place) =>
    createBroker({ place, jars, jvmOptions: [...jvmOptions, ...loggingOptions(place.folder)], ca: secrets?.ca }),
  )
  try {
    await Promise.all(brokers.map((broker) => broker.start()))
    await untilAllRegistered(places, loginOf(secrets, 'admin'))
  } catch (error) {
    await stopAll(brokers)
    throw error
  }
  return {
    name,
    clusterId,
    bootstrapServers: places.map(({ port }) => `127.0.0.1:${port}`),
    login: loginOf(secrets, 'admin'),
    loginOf: (user) => loginOf(secrets, user),
    caFile,
    brokers,
    stop: () => stopAll(brokers),
  }
}
