import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { eventually } from '../machine/eventually.ts'
import { type OwnedProcess, startProcess } from '../machine/owned-process.ts'
import type { BrokerPlace } from './broker-properties.ts'

/** One broker of a local cluster. What it is told takes effect before the promise resolves. */
export interface LocalBroker {
  readonly id: number
  readonly port: number
  /** Undefined while it is down. */
  readonly pid: number | undefined
  /** An orderly end (SIGTERM); its data and port stay. */
  stop(options?: { readonly graceMs?: number }): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void
  resume(): void
  /** Starts it again, and waits until it answers. */
  start(): Promise<void>
}

export interface BrokerSettings {
  readonly place: BrokerPlace
  /** The folder with Kafka's jars. */
  readonly jars: string
  readonly jvmOptions: readonly string[]
  /** The authority to trust when the broker speaks TLS. */
  readonly ca: string | undefined
}

const READY_WITHIN_MS = 60_000
const STOP_GRACE_MS = 5_000
const ANSWER_WITHIN_MS = 2_000

/** ApiVersions v0, correlation 1, client `test`: the one request that needs no login. */
const API_VERSIONS_REQUEST = Buffer.from('0000000e0012000000000001000474657374', 'hex')

/** The port opens before the broker can serve, so only an answer counts; a fenced broker does not answer. */
const answers = async (port: number, ca: string | undefined): Promise<boolean> => {
  const address = { port, host: '127.0.0.1' }
  const socket = ca === undefined ? connect(address) : connectTls({ ...address, ca })
  try {
    socket.write(API_VERSIONS_REQUEST)
    await once(socket, 'data', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    return true
  } catch {
    return false // refused, reset or silent: it is not ready
  } finally {
    socket.destroy()
  }
}

export const serverProperties = (place: BrokerPlace): string => join(place.folder, 'server.properties')
const logFile = (place: BrokerPlace): string => join(place.folder, 'broker.log')

const launch = ({ place, jars, jvmOptions }: BrokerSettings): OwnedProcess =>
  startProcess('java', [...jvmOptions, '-cp', `${jars}/*`, 'kafka.Kafka', serverProperties(place)], {
    cwd: place.folder,
    logFile: logFile(place),
  })

const untilReady = async ({ place, ca }: BrokerSettings, running: OwnedProcess): Promise<void> => {
  let ended = false
  void running.exited.then(() => {
    ended = true
  })
  const isReady = async (): Promise<boolean> => {
    if (ended) throw new Error(`starting broker ${place.id} on port ${place.port}: it ended, see ${logFile(place)}`)
    return answers(place.port, ca)
  }
  await eventually(`broker ${place.id} to answer, see ${logFile(place)}`, isReady, { withinMs: READY_WITHIN_MS })
}

export const createBroker = (settings: BrokerSettings): LocalBroker => {
  const { id, port } = settings.place
  let running: OwnedProcess | undefined
  const start = async (): Promise<void> => {
    if (running !== undefined) return
    const started = launch(settings)
    running = started
    void started.exited.then(() => {
      if (running === started) running = undefined
    })
    await untilReady(settings, started)
  }
  return {
    id,
    port,
    get pid() {
      return running?.pid
    },
    start,
    stop: async ({ graceMs = STOP_GRACE_MS } = {}) => void (await running?.stop({ graceMs })),
    kill: async () => void (await running?.kill()),
    pause: () => running?.signal('SIGSTOP'),
    resume: () => running?.signal('SIGCONT'),
  }
}
