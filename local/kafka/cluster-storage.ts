import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProcess } from '../machine/owned-process.ts'
import { serverProperties } from './broker.ts'
import { type BrokerPlace, brokerProperties, formatProperties, type Properties } from './broker-properties.ts'
import { type ClusterSecrets, USERS } from './cluster-login.ts'

/** Starts quickly and stays small. */
export const SMALL_JVM: readonly string[] = ['-Xmx512m', '-Xms64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/** The variable that names the classes of an earlier start. */
export const CLASS_ARCHIVE = 'TWINSHORE_KAFKA_CLASSES'

/** The same, with the classes of an earlier start where there are any. */
export const quickJvm = (): readonly string[] => {
  const archive = process.env[CLASS_ARCHIVE]
  return archive === undefined ? SMALL_JVM : [...SMALL_JVM, `-XX:SharedArchiveFile=${archive}`]
}

/** Kafka's way to write a random UUID. A leading dash would look like an option to its tools. */
export const newUuid = (): string => {
  const uuid = randomBytes(16).toString('base64url')
  return uuid.startsWith('-') ? newUuid() : uuid
}

/** Two kinds of logging, one file each: Kafka 4 reads the first, Kafka 3 the second. */
const LOG4J2 = `rootLogger.level = WARN
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c{1} %m%n
`
const LOG4J = `log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %c{1} %m%n
`

export const writeConfiguration = async (
  places: readonly BrokerPlace[],
  secrets: ClusterSecrets | undefined,
  properties: Properties,
): Promise<void> => {
  for (const place of places) {
    await mkdir(place.folder, { recursive: true })
    const text = formatProperties(brokerProperties(place, places, secrets, properties))
    await writeFile(serverProperties(place), text, { mode: 0o600 })
    await writeFile(join(place.folder, 'log4j2.properties'), LOG4J2)
    await writeFile(join(place.folder, 'log4j.properties'), LOG4J)
  }
}

export const loggingOptions = (folder: string): string[] => [
  `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`,
  `-Dlog4j.configuration=file:${join(folder, 'log4j.properties')}`,
]

const scramArguments = ({ passwords }: ClusterSecrets): string[] =>
  USERS.flatMap((user) => ['--add-scram', `SCRAM-SHA-512=[name=${user},password=${passwords[user]}]`])

/**
 * Kafka's tool formats the first broker, which takes a second; the others get the same bootstrap records and an
 * identity of their own.
 */
export const formatStorage = async (
  [first, ...others]: readonly BrokerPlace[],
  jars: string,
  clusterId: string,
  secrets: ClusterSecrets | undefined,
): Promise<void> => {
  if (first === undefined) return
  const java = [...quickJvm(), ...loggingOptions(first.folder), '-cp', `${jars}/*`]
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', serverProperties(first)]
  await runProcess('java', [...java, ...format, ...(secrets === undefined ? [] : scramArguments(secrets))])
  for (const { id, folder } of others) {
    await mkdir(join(folder, 'data'))
    await copyFile(join(first.folder, 'data/bootstrap.checkpoint'), join(folder, 'data/bootstrap.checkpoint'))
    const identity = { version: '1', 'cluster.id': clusterId, 'node.id': String(id), 'directory.id': newUuid() }
    await writeFile(join(folder, 'data/meta.properties'), formatProperties(identity))
  }
}
