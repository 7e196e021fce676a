import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { Logger, SASLOptions } from 'kafkajs'
import Broker from 'kafkajs/src/broker/index.js'
import ConnectionPool from 'kafkajs/src/network/connectionPool.js'

const KEEP_ALIVE_MS = 30_000

export interface Login {
  readonly ssl?: ConnectionOptions
  readonly sasl?: SASLOptions
}

export interface LoginTimeouts {
  readonly connectMs: number
  readonly loginMs: number
}

/** A connection that is open and logged in, with nothing of kafkajs left on it. */
export interface LoggedInSocket {
  readonly socket: Socket
  readonly versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>>
  /** After how long the broker wants another login; `undefined`: never. */
  readonly sessionMs: number | undefined
}

export interface LoginAttempt {
  readonly done: Promise<LoggedInSocket>
  /** Gives up at once: `done` rejects, and no timer stays. */
  abandon(): void
}

/**
 * Connects and logs in by means of kafkajs: TCP, TLS, ApiVersions, SASL. Then the socket is taken from it, since its
 * request queue sets a timer a thousand times a second for as long as a connection lives, copies every payload twice,
 * and waits for answers that no longer come when it disconnects.
 *
 * Its metadata calls are avoided as well: one partition without a leader fails them for every topic.
 */
export const logIn = (
  { host, port }: { host: string; port: number },
  clientId: string,
  login: Login,
  timeouts: LoginTimeouts,
): LoginAttempt => {
  let opened: Socket | undefined
  let abandoned = false
  const pool = new ConnectionPool({
    ...login,
    host,
    port,
    clientId,
    connectionTimeout: timeouts.connectMs,
    requestTimeout: timeouts.loginMs,
    enforceRequestTimeout: true,
    logger: SILENT,
    socketFactory: (target) => {
      if (abandoned) throw new Error('abandoned')
      opened = openSocket(target)
      return opened
    },
  })
  return {
    done: handOver(pool, timeouts).catch((error: unknown) => {
      opened?.destroy()
      throw error
    }),
    abandon: () => {
      abandoned = true
      opened?.destroy(new Error('abandoned'))
    },
  }
}

const handOver = async (pool: ConnectionPool, { loginMs }: LoginTimeouts): Promise<LoggedInSocket> => {
  const [connection] = pool.pool
  const queue = connection.requestQueue
  const check = queue.scheduleCheckPendingRequests.bind(queue)
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) check()
  }
  const broker = new Broker({
    connectionPool: pool,
    logger: SILENT,
    authenticationTimeout: loginMs,
    allowAutoTopicCreation: false,
  })
  try {
    await broker.connect()
  } finally {
    queue.destroy()
  }
  const { socket } = connection
  for (const event of ['data', 'end', 'error', 'timeout']) socket.removeAllListeners(event)
  const sessionMs = connection.sessionLifetime.toNumber()
  return { socket, versions: broker.versions, sessionMs: sessionMs > 0 ? sessionMs : undefined }
}

const openSocket = ({ host, port, ssl, onConnect }: SocketTarget): Socket => {
  const serverName = isIP(host) === 0 ? { servername: host } : {}
  const socket = ssl
    ? connectTls({ host, port, ...serverName, ...ssl }, onConnect)
    : connectTcp({ host, port }, onConnect)
  return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
}

interface SocketTarget {
  readonly host: string
  readonly port: number
  readonly ssl?: ConnectionOptions
  onConnect(): void
}

/** What kafkajs would log is in the errors that it throws. */
const SILENT: Logger = {
  info: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
  setLogLevel: () => undefined,
  namespace: () => SILENT,
}
