import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../machine/eventually.ts'
import { freePort } from '../machine/free-port.ts'
import { type OwnedProcess, startProcess } from '../machine/owned-process.ts'
import { dynamoDbLocalJars } from '../machine/toolchain.ts'

/** DynamoDB as its makers give it out for tests, in memory. It ends at the latest with the process that started it. */
export interface LocalDynamoDb {
  readonly endpoint: string
  readonly pid: number
  stop(): Promise<void>
}

const READY_WITHIN_MS = 60_000
const STOP_GRACE_MS = 2_000
/** Ready soon: for tests and the demo. */
const JVM_OPTIONS = ['-Xmx768m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
const SERVER = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner'

/** A request without a signature is refused, but it is answered. */
const answers = async (endpoint: string): Promise<boolean> => {
  try {
    await fetch(endpoint, { method: 'POST', body: '{}', signal: AbortSignal.timeout(2_000) })
    return true
  } catch {
    return false // not listening yet
  }
}

const untilReady = async (endpoint: string, running: OwnedProcess, log: string): Promise<void> => {
  let ended = false
  void running.exited.then(() => {
    ended = true
  })
  const isReady = async (): Promise<boolean> => {
    if (ended) throw new Error(`starting DynamoDB Local on ${endpoint}: it ended, see ${log}`)
    return answers(endpoint)
  }
  await eventually(`DynamoDB Local to answer, see ${log}`, isReady, { withinMs: READY_WITHIN_MS })
}

/** The log goes to `<folder>/dynamodb`. All regions and all access keys see the same tables. */
export const startDynamoDb = async ({
  folder,
  jvmOptions = JVM_OPTIONS,
}: {
  readonly folder: string
  readonly jvmOptions?: readonly string[]
}): Promise<LocalDynamoDb> => {
  const jars = await dynamoDbLocalJars()
  const home = join(folder, 'dynamodb')
  await mkdir(home, { recursive: true })
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const logFile = join(home, 'dynamodb.log')
  const java = [...jvmOptions, `-Djava.library.path=${jars}`, '-cp', `${jars}/*`, SERVER]
  const options = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)]
  const running = startProcess('java', [...java, ...options], { cwd: home, logFile })
  const stop = async (): Promise<void> => void (await running.stop({ graceMs: STOP_GRACE_MS }))
  try {
    await untilReady(endpoint, running, logFile)
  } catch (error) {
    await stop()
    throw error
  }
  return { endpoint, pid: running.pid, stop }
}
