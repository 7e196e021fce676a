import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatProperties, type Properties } from '../../local/kafka/broker-properties.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { type OwnedProcess, startProcess } from '../../local/machine/owned-process.ts'
import { kafkaToolJars } from '../../local/machine/toolchain.ts'

export interface MirrorMakerOptions {
  readonly source: LocalCluster
  readonly target: LocalCluster
  /** Of the source, to MirrorMaker; all it remembers is under this name, so a new alias begins anew. */
  readonly alias: string
  readonly topic: string
  /** Have the last word. */
  readonly properties?: Properties
  readonly folder: string
}

/** As `connect-mirror-maker.sh` starts it. */
const JVM = ['-Xms256m', '-Xmx2g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35']

/** What one broker a side forces on it; nothing of this changes how records are copied. */
const ONE_BROKER: Properties = Object.fromEntries(
  [
    '',
    'checkpoints.topic.',
    'heartbeats.topic.',
    'offset-syncs.topic.',
    'offset.storage.',
    'status.storage.',
    'config.storage.',
  ].map((prefix) => [`${prefix}replication.factor`, '1']),
)

const LOG4J2 = `rootLogger.level = INFO
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c{1} %m%n
`

const propertiesOf = ({ source, target, alias, topic, properties = {} }: MirrorMakerOptions): Properties => ({
  clusters: `${alias}, target`,
  [`${alias}.bootstrap.servers`]: source.bootstrapServers.join(','),
  'target.bootstrap.servers': target.bootstrapServers.join(','),
  [`${alias}->target.enabled`]: 'true',
  [`${alias}->target.topics`]: topic,
  [`target->${alias}.enabled`]: 'false',
  ...ONE_BROKER,
  ...properties,
})

export const mirrorMakerLog = ({ folder, alias }: Pick<MirrorMakerOptions, 'folder' | 'alias'>): string =>
  join(folder, `mirror-maker-${alias}.log`)

/** MirrorMaker 2 in its dedicated mode, of the same Kafka version as the brokers. Started again, it goes on. */
export const startMirrorMaker = async (options: MirrorMakerOptions): Promise<OwnedProcess> => {
  const { folder, alias } = options
  const jars = await kafkaToolJars()
  const file = join(folder, `mirror-maker-${alias}.properties`)
  const logging = join(folder, 'mirror-maker-log4j2.properties')
  await writeFile(file, formatProperties(propertiesOf(options)))
  await writeFile(logging, LOG4J2)
  const main = ['-cp', `${jars}/*`, 'org.apache.kafka.connect.mirror.MirrorMaker', file]
  return startProcess('java', [...JVM, `-Dlog4j2.configurationFile=${logging}`, ...main], {
    cwd: folder,
    logFile: mirrorMakerLog(options),
  })
}
