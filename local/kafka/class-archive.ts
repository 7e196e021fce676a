import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { keepOnce, type Say, sayOnStderr } from '../machine/download-cache.ts'
import { runProcess } from '../machine/owned-process.ts'
import { type KafkaVersion, kafkaJars } from '../machine/toolchain.ts'
import { startCluster } from './cluster.ts'
import { CLASS_ARCHIVE, SMALL_JVM } from './cluster-storage.ts'

/** It writes some 50 MB before it ends. */
const END_WITHIN_MS = 60_000

/**
 * From now on this process, and those that it starts, start brokers from the classes of an earlier one as Java has them
 * after loading: that takes a third of the CPU of a start. Java itself checks that they are of the same jars and the same
 * Java, and goes without them if not.
 */
export const startFromClassArchive = async (version: KafkaVersion, say: Say = sayOnStderr): Promise<void> => {
  const [jars, java] = await Promise.all([kafkaJars(version, say), runProcess('java', ['-version'])])
  const name = `classes-${basename(jars)}-${createHash('sha256').update(java).digest('hex').slice(0, 12)}`
  const folder = await keepOnce(name, [], say, (unfinished) => writeArchive(version, unfinished))
  const archive = join(folder, 'classes.jsa')
  if (existsSync(archive)) process.env[CLASS_ARCHIVE] = archive
}

const writeArchive = async (version: KafkaVersion, folder: string): Promise<void> => {
  const jvmOptions = [...SMALL_JVM, `-XX:ArchiveClassesAtExit=${join(folder, 'classes.jsa')}`]
  const clusters = join(folder, 'clusters')
  const cluster = await startCluster({ name: 'once', folder: clusters, version, jvmOptions })
  for (const broker of cluster.brokers) await broker.stop({ graceMs: END_WITHIN_MS })
  await rm(clusters, { recursive: true })
}
