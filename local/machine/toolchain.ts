import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { keepOnce, type Say, sayOnStderr } from './download-cache.ts'
import { runProcess } from './owned-process.ts'

const PINS = join(import.meta.dirname, 'toolchain')
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
const DOWNLOADS_PER_LINE = 25
const MISMATCHES_SHOWN = 5

export type KafkaVersion = '4.3.1' | '3.9.2'

/** The folder with the jars of a broker: `java -cp '<folder>/*' kafka.Kafka`. */
export const kafkaJars = (version: KafkaVersion, say?: Say): Promise<string> => keepJars(`kafka-${version}`, say)

/** The folder with the jars of Kafka's own tools, MirrorMaker 2 and ProducerPerformance among them, 4.3.1. */
export const kafkaToolJars = (say?: Say): Promise<string> => keepJars('kafka-tools-4.3.1', say)

/** The folder with the jars and native libraries of DynamoDB Local. Its licence allows tests, not redistribution. */
export const dynamoDbLocalJars = (say?: Say): Promise<string> => keepJars('dynamodb-local-2.6.1', say)

/** The Python of the virtual environment that ministack is installed in: `<python> -m ministack`. */
export const ministackPython = async (say: Say = sayOnStderr): Promise<string> => {
  const requirements = join(PINS, 'requirements-ministack-1.5.33.txt')
  const version = await runProcess('python3', ['-c', 'import sys; print("py%d.%d" % sys.version_info[:2])'])
  const name = `ministack-1.5.33-${version.trim()}` // an environment only serves the Python that made it
  const folder = await keepOnce(name, [requirements], say, async (folder) => {
    await runProcess('python3', ['-m', 'venv', folder])
    const install = ['install', '--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:']
    await runProcess(join(folder, 'bin/python'), ['-m', 'pip', ...install, '-r', requirements])
  })
  return join(folder, 'bin/python')
}

/**
 * Maven gets a repository of its own inside the folder that is being filled: the usual one in the home folder is not
 * safe when two Mavens write to it at once.
 */
const keepJars = (name: string, say: Say = sayOnStderr): Promise<string> => {
  const pom = join(PINS, `pom-${name}.xml`)
  const hashes = join(PINS, `${name}.sha256`)
  return keepOnce(name, [pom, hashes], say, async (folder) => {
    const expected = parseHashes(await readFile(hashes, 'utf8'))
    const repository = join(folder, '.repository')
    const args = ['-B', '-f', pom, `-Dmaven.repo.local=${repository}`, COPY_DEPENDENCIES, `-DoutputDirectory=${folder}`]
    await runProcess('mvn', args, { onOutput: countDownloads(name, say) })
    await rm(repository, { recursive: true })
    refuseDifferences(name, differences(expected, await hashFolder(folder)))
  })
}

const countDownloads = (name: string, say: Say): ((text: string) => void) => {
  let files = 0
  return (text) => {
    for (const _ of text.matchAll(/^(?:\[INFO\] )?Downloaded from/gm)) {
      files += 1
      if (files % DOWNLOADS_PER_LINE === 0) say(`${name}: ${files} downloads`)
    }
  }
}

/** SHA-256 by file name. */
export type Hashes = ReadonlyMap<string, string>

/** Reads what `sha256sum` writes. */
export const parseHashes = (text: string): Hashes =>
  new Map([...text.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm)].map(([, hash = '', file = '']) => [file, hash]))

/** What is wrong with fetched files; nothing that was not expected may be among them. */
export const differences = (expected: Hashes, found: Hashes): string[] => [
  ...[...expected].filter(([file]) => !found.has(file)).map(([file]) => `${file} is missing`),
  ...[...found].filter(([file]) => !expected.has(file)).map(([file]) => `${file} is not on the list`),
  ...[...expected]
    .filter(([file, hash]) => found.has(file) && found.get(file) !== hash)
    .map(([file]) => `${file} has other contents`),
]

const refuseDifferences = (name: string, wrong: readonly string[]): void => {
  if (wrong.length === 0) return
  const shown = wrong.slice(0, MISMATCHES_SHOWN).join('; ')
  throw new Error(
    `fetching ${name}: ${wrong.length} files are not what was pinned (${shown}); is a mirror altering them?`,
  )
}

const hashFile = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

const hashFolder = async (folder: string): Promise<Hashes> =>
  new Map(
    await Promise.all((await readdir(folder)).map(async (file) => [file, await hashFile(join(folder, file))] as const)),
  )
