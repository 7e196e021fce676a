import { ReplicationError } from '../../domain/errors.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import { BrokerConnection, speaks } from './broker-connection.ts'
import type { ClusterLogin } from './cluster-login.ts'
import { type LoginAttempt, type LoginTimeouts, logIn } from './kafkajs-login.ts'
import { isLoginRefusal } from './login-refusal.ts'

/** What a broker has to speak: the versions of the requests in this folder that nothing replaces. */
const SPOKEN = [
  { name: 'Produce', apiKey: 0, version: 8 },
  { name: 'Fetch', apiKey: 1, version: 11 },
  { name: 'ListOffsets', apiKey: 2, version: 7 },
  { name: 'Metadata', apiKey: 3, version: 12 },
  { name: 'OffsetCommit', apiKey: 8, version: 8 },
  { name: 'OffsetFetch', apiKey: 9, version: 8 },
  { name: 'FindCoordinator', apiKey: 10, version: 4 },
  { name: 'ListGroups', apiKey: 16, version: 4 },
  { name: 'InitProducerId', apiKey: 22, version: 1 },
  { name: 'AddPartitionsToTxn', apiKey: 24, version: 2 },
  { name: 'AddOffsetsToTxn', apiKey: 25, version: 2 },
  { name: 'EndTxn', apiKey: 26, version: 2 },
  { name: 'TxnOffsetCommit', apiKey: 28, version: 2 },
  { name: 'DescribeConfigs', apiKey: 32, version: 1 },
] as const

/** Routers forget connections that are silent for 350 s, and a frozen function does not see that a broker left. */
const LONGEST_IDLE_MS = 240_000
/** A connection is given up well before its login expires, so that what is in flight can finish. */
const USABLE_SHARE_OF_SESSION = 0.8

export interface ConnectionOptions {
  readonly clientId: string
  readonly timeouts: LoginTimeouts
  readonly unreachable: 'SOURCE_UNREACHABLE' | 'TARGET_UNREACHABLE'
}

interface Line {
  readonly opening: Promise<BrokerConnection>
  readonly abandon: () => void
  connection?: BrokerConnection
  /** Milliseconds since 1970. */
  usableUntil: number
}

interface Opened {
  readonly connection: BrokerConnection
  readonly sessionMs: number | undefined
}

/** One or two logins in turn that can be given up at any time. */
class Attempt {
  #current: LoginAttempt | undefined
  #abandoned = false

  on(login: LoginAttempt): LoginAttempt['done'] {
    this.#current = login
    if (this.#abandoned) login.abandon()
    return login.done
  }

  abandon(): void {
    this.#abandoned = true
    this.#current?.abandon()
  }
}

/** The connections to one cluster, one per broker address, opened when they are needed. */
export class ClusterConnections {
  readonly #access: KafkaAccess
  readonly #login: ClusterLogin
  readonly #options: ConnectionOptions
  readonly #lines = new Map<string, Line>()

  constructor(access: KafkaAccess, login: ClusterLogin, options: ConnectionOptions) {
    this.#access = access
    this.#login = login
    this.#options = options
  }

  /** Open connections, the least busy first. */
  get open(): BrokerConnection[] {
    const connections = [...this.#lines.values()].flatMap(({ connection }) => connection ?? [])
    return connections.filter(({ open }) => open).sort((one, other) => one.inFlight - other.inFlight)
  }

  /** Throws `…_UNREACHABLE`, `LOGIN_REFUSED` or `CONFIG_INVALID`. When a signal fires, the attempt is given up for everybody. */
  async to(address: string, signals: readonly AbortSignal[]): Promise<BrokerConnection> {
    const line = this.#usableLine(address) ?? this.#openLine(address)
    if (line.connection !== undefined) return line.connection
    const { promise: givenUp, reject } = Promise.withResolvers<never>()
    const giveUp = (): void => {
      line.abandon()
      reject(this.#translate(new Error('there is no time left'), address))
    }
    for (const signal of signals) signal.addEventListener('abort', giveUp, { once: true })
    if (signals.some(({ aborted }) => aborted)) giveUp()
    try {
      return await Promise.race([line.opening, givenUp])
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', giveUp)
    }
  }

  close(): void {
    for (const { connection, abandon } of this.#lines.values()) {
      abandon()
      connection?.destroy('closed')
    }
    this.#lines.clear()
  }

  #usableLine(address: string): Line | undefined {
    const line = this.#lines.get(address)
    if (line?.connection === undefined) return line
    const now = Date.now()
    const { connection } = line
    if (connection.open && now < line.usableUntil && connection.idleMs(now) < LONGEST_IDLE_MS) return line
    connection.retire()
    this.#lines.delete(address)
    return undefined
  }

  #openLine(address: string): Line {
    const attempt = new Attempt()
    const line: Line = {
      opening: this.#open(address, attempt, () => line),
      abandon: () => {
        attempt.abandon()
        // Reading a secret cannot be abandoned: whoever comes next must not wait for an attempt that leads nowhere.
        if (line.connection === undefined && this.#lines.get(address) === line) this.#lines.delete(address)
      },
      usableUntil: Number.POSITIVE_INFINITY,
    }
    this.#lines.set(address, line)
    return line
  }

  async #open(address: string, attempt: Attempt, line: () => Line): Promise<BrokerConnection> {
    try {
      const { connection, sessionMs } = await this.#connect(address, attempt)
      line().connection = connection
      if (sessionMs !== undefined) line().usableUntil = Date.now() + sessionMs * USABLE_SHARE_OF_SESSION
      return connection
    } catch (error) {
      if (this.#lines.get(address) === line()) this.#lines.delete(address)
      throw this.#translate(error, address)
    }
  }

  /** A secret may have been rotated since it was read: after a refusal it is read once more. */
  async #connect(address: string, attempt: Attempt): Promise<Opened> {
    try {
      return await this.#logIn(address, { fresh: false }, attempt)
    } catch (error) {
      if (!isLoginRefusal(error) || !this.#login.usesSecrets) throw error
      return await this.#logIn(address, { fresh: true }, attempt)
    }
  }

  async #logIn(address: string, how: { readonly fresh: boolean }, attempt: Attempt): Promise<Opened> {
    const { clientId, timeouts } = this.#options
    const login = await this.#login.current(how)
    const { socket, versions, sessionMs } = await attempt.on(logIn(hostAndPort(address), clientId, login, timeouts))
    const missing = SPOKEN.filter(({ apiKey, version }) => !speaks(versions, apiKey, version))
    if (missing.length === 0)
      return { connection: new BrokerConnection(socket, address, clientId, versions), sessionMs }
    socket.destroy()
    const names = missing.map(({ name, version }) => `${name} v${version}`).join(', ')
    throw new ReplicationError('CONFIG_INVALID', `connecting to ${address}: Kafka 3.1 or later is needed, for ${names}`)
  }

  #translate(error: unknown, address: string): ReplicationError {
    if (error instanceof ReplicationError) return error
    const doing = `connecting to ${address} of ${this.#access.cluster}`
    const because = error instanceof Error ? error.message : String(error)
    const { unreachable } = this.#options
    return new ReplicationError(isLoginRefusal(error) ? 'LOGIN_REFUSED' : unreachable, this.#explain(doing, because), {
      cause: error,
    })
  }

  #explain(doing: string, because: string): string {
    const { login } = this.#access
    return 'secret' in login ? `${doing} with the secret ${login.secret}: ${because}` : `${doing}: ${because}`
  }
}

const hostAndPort = (address: string): { host: string; port: number } => {
  const colon = address.lastIndexOf(':')
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) }
}
