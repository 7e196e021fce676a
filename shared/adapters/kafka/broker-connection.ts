import type { Socket } from 'node:net'
import type { KafkaRequest } from './requests/kafka-request.ts'
import { RequestWriter } from './requests/request-writer.ts'
import { ResponseReader } from './requests/response-reader.ts'

/** A request got no answer. When `sent`, the broker may have acted on it. */
export class NoAnswer extends Error {
  readonly sent: boolean

  constructor(message: string, sent: boolean, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'NoAnswer'
    this.sent = sent
  }
}

/** Which versions of its requests a broker takes, by the number of the request. */
export type ApiVersions = Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>

export const speaks = (versions: ApiVersions, apiKey: number, version: number): boolean => {
  const range = versions[apiKey]
  return range !== undefined && range.minVersion <= version && version <= range.maxVersion
}

interface Waiting {
  readonly answer: (payload: Buffer) => void
  readonly fail: (error: NoAnswer) => void
}

export interface RequestLimits {
  readonly timeoutMs: number
  /** When one of them fires, the connection is destroyed. */
  readonly signals: readonly AbortSignal[]
}

const LENGTH_BYTES = 4
const CORRELATION_BYTES = 4

/**
 * Requests and answers on one socket that is logged in already. Answers come in the order of the requests. A request
 * that is not answered in time takes the connection with it, since nothing behind it can be answered either.
 */
export class BrokerConnection {
  readonly address: string
  readonly #socket: Socket
  readonly #clientId: string
  readonly #versions: ApiVersions
  readonly #waiting = new Map<number, Waiting>()
  #correlation = 0
  #received: Buffer[] = []
  #receivedBytes = 0
  #neededBytes = LENGTH_BYTES
  #lost: string | undefined
  /** Until when the broker does not read from this connection, as it said itself. */
  #mutedUntil = 0
  #lastUsed = Date.now()
  #retired = false

  constructor(socket: Socket, address: string, clientId: string, versions: ApiVersions) {
    this.#socket = socket
    this.#versions = versions
    this.address = address
    this.#clientId = clientId
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', (error) => this.destroy(error.message))
    socket.on('end', () => this.destroy('the broker closed the connection'))
    socket.on('close', () => this.destroy('the connection was closed'))
  }

  get open(): boolean {
    return this.#lost === undefined
  }

  get inFlight(): number {
    return this.#waiting.size
  }

  idleMs(now: number): number {
    return this.#waiting.size > 0 ? 0 : now - this.#lastUsed
  }

  speaks(apiKey: number, version: number): boolean {
    return speaks(this.#versions, apiKey, version)
  }

  /** The broker answered that it will not read for a while: later requests are given that much longer. */
  mute(forMs: number): void {
    this.#mutedUntil = Math.max(this.#mutedUntil, Date.now() + forMs)
  }

  /** Rejects with `NoAnswer`, and with nothing else. */
  request<T>(request: KafkaRequest<T>, limits: RequestLimits): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(new NoAnswer(this.#lost, false))
    if (limits.signals.some(({ aborted }) => aborted)) return Promise.reject(new NoAnswer('the deadline passed', false))
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const correlation = this.#send(request)
    const settled = this.#watch(`${request.name} to ${this.address}`, limits)
    this.#waiting.set(correlation, {
      answer: (payload) => {
        settled()
        this.#read(request, payload, resolve, reject)
      },
      fail: (error) => {
        settled()
        reject(error)
      },
    })
    return promise
  }

  /** Destroys the connection when time is up; returns how to stop that. */
  #watch(what: string, { timeoutMs, signals }: RequestLimits): () => void {
    const patienceMs = timeoutMs + Math.max(0, this.#mutedUntil - Date.now())
    const timer = setTimeout(() => this.destroy(`no answer to ${what} in ${patienceMs} ms`), patienceMs)
    const abandon = (): void => this.destroy(`gave up on ${what} at the deadline`)
    for (const signal of signals) signal.addEventListener('abort', abandon, { once: true })
    return () => {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', abandon)
    }
  }

  /** Lets what is in flight finish, then closes. */
  retire(): void {
    this.#retired = true
    if (this.#waiting.size === 0) this.destroy('the connection was retired')
  }

  /** Everything in flight ends as `NoAnswer`. */
  destroy(because: string): void {
    if (this.#lost !== undefined) return
    this.#lost = because
    this.#socket.destroy()
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { fail } of waiting) fail(new NoAnswer(because, true))
  }

  /** Returns the number by which the answer is recognised. */
  #send(request: KafkaRequest<unknown>): number {
    const correlation = this.#correlation
    this.#correlation = (correlation + 1) & 0x7fff_ffff
    const writer = new RequestWriter()
    writer.int16(request.apiKey).int16(request.apiVersion).int32(correlation).string(this.#clientId)
    if (request.flexible) writer.noTags()
    request.write(writer)
    const pieces = writer.take()
    const length = Buffer.allocUnsafe(LENGTH_BYTES)
    length.writeInt32BE(pieces.reduce((sum, piece) => sum + piece.length, 0))
    this.#socket.cork()
    this.#socket.write(length)
    for (const piece of pieces) this.#socket.write(piece)
    this.#socket.uncork()
    this.#lastUsed = Date.now()
    return correlation
  }

  #read<T>(
    request: KafkaRequest<T>,
    payload: Buffer,
    resolve: (value: T) => void,
    reject: (error: NoAnswer) => void,
  ): void {
    try {
      const reader = new ResponseReader(payload)
      if (request.flexible) reader.skipTags()
      resolve(request.read(reader))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      const because = `${this.address} sent an answer to ${request.name} that cannot be read`
      reject(new NoAnswer(because, true, { cause: error }))
      this.destroy(because)
    }
  }

  #receive(chunk: Buffer): void {
    this.#received.push(chunk)
    this.#receivedBytes += chunk.length
    while (this.#receivedBytes >= this.#neededBytes && this.#lost === undefined) this.#takeFrame()
  }

  #takeFrame(): void {
    const bytes = this.#received.length === 1 ? (this.#received[0] as Buffer) : Buffer.concat(this.#received)
    const end = LENGTH_BYTES + bytes.readInt32BE(0)
    const whole = bytes.length >= end
    if (end < LENGTH_BYTES + CORRELATION_BYTES) this.destroy(`${this.address} does not speak Kafka's protocol`)
    else if (whole) this.#dispatch(bytes.subarray(LENGTH_BYTES, end))
    this.#neededBytes = whole ? LENGTH_BYTES : end
    this.#received = [whole ? bytes.subarray(end) : bytes]
    this.#receivedBytes = bytes.length - (whole ? end : 0)
  }

  #dispatch(frame: Buffer): void {
    this.#lastUsed = Date.now()
    const correlation = frame.readInt32BE(0)
    const waiting = this.#waiting.get(correlation)
    this.#waiting.delete(correlation)
    if (waiting === undefined) this.destroy(`${this.address} answered a question that nobody asked`)
    else waiting.answer(frame.subarray(CORRELATION_BYTES))
    if (this.#retired && this.#waiting.size === 0) this.destroy('the connection was retired')
  }
}
