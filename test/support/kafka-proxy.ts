import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { ByteReader } from '../../local/check/byte-reader.ts'

/** What to do with one Produce request. */
export type ProduceFault =
  | 'pass'
  /** The broker appends; the answer never comes, and the connection breaks. */
  | 'lose-answer'
  /** The broker appends; the answer never comes, and the connection stays open. */
  | 'swallow-answer'
  /** The broker never sees it, and the connection breaks. */
  | 'lose-request'
  /** The broker appends, and the answer is replaced by this error. */
  | { readonly appendedThen: number }
  /** The broker never sees it, and this error is the answer. */
  | { readonly insteadOfAppending: number }

export interface SeenBatch {
  readonly topic: string
  readonly partition: number
  readonly producerId: bigint
  readonly sequence: number
  readonly count: number
}

const HOST = '127.0.0.1'
const PRODUCE = 0
const INT16 = 2
const INT32 = 4
/** In a record batch (v2). */
const AT_PRODUCER_ID = 43
const AT_RECORDS = 61

/** Stands between a client and a broker, and knows Produce requests (v8) when it sees them. */
export class KafkaProxy {
  /** What befalls the next Produce requests, in order; `pass` when there is nothing left. */
  readonly faults: ProduceFault[] = []
  /** For every Produce request, the batches that were in it. */
  readonly produced: SeenBatch[][] = []
  /** The API of every request, in order. */
  readonly asked: number[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #brokerPort: number

  private constructor(brokerPort: number) {
    this.#brokerPort = brokerPort
    this.#server = createServer((client) => this.#accept(client))
  }

  static async to(brokerPort: number): Promise<KafkaProxy> {
    const proxy = new KafkaProxy(brokerPort)
    proxy.#server.listen(0, HOST)
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    const broker = connect(this.#brokerPort, HOST)
    const cut = (): void => {
      client.destroy()
      broker.destroy()
    }
    for (const socket of [client, broker]) {
      this.#sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        cut()
      })
    }
    const answers = new Map<number, () => void>()
    client.on(
      'data',
      byFrame((request) => this.#request(request, { client, broker, cut, answers })),
    )
    broker.on(
      'data',
      byFrame((answer) => this.#answer(answer, client, answers)),
    )
  }

  #request(request: Buffer, { client, broker, cut, answers }: Link): void {
    this.asked.push(request.readInt16BE(INT32))
    if (request.readInt16BE(INT32) === PRODUCE) this.#produce(request, { client, broker, cut, answers })
    else broker.write(request)
  }

  #produce(request: Buffer, { client, broker, cut, answers }: Link): void {
    const correlation = request.readInt32BE(INT32 + 2 * INT16)
    const batches = readBatches(request)
    this.produced.push(batches)
    const fault = this.faults.shift() ?? 'pass'
    if (fault === 'lose-request') cut()
    else if (typeof fault === 'object' && 'insteadOfAppending' in fault)
      client.write(produceAnswer(correlation, batches, fault.insteadOfAppending))
    else {
      const instead = insteadOfAnswer(fault, cut, (error) => client.write(produceAnswer(correlation, batches, error)))
      if (instead !== undefined) answers.set(correlation, instead)
      broker.write(request)
    }
  }

  /** In the broker's own address, as metadata has it, the port becomes ours, so that clients stay with the proxy. */
  #withOurAddress(answer: Buffer): Buffer {
    const [theirs, ours] = [addressOf(this.#brokerPort), addressOf(this.port)]
    const rewritten = Buffer.from(answer)
    for (let at = rewritten.indexOf(theirs); at >= 0; at = rewritten.indexOf(theirs, at + ours.length))
      rewritten.set(ours, at)
    return rewritten
  }

  #answer(answer: Buffer, client: Socket, answers: Link['answers']): void {
    const instead = answers.get(answer.readInt32BE(INT32))
    if (instead === undefined) client.write(this.#withOurAddress(answer))
    else instead()
  }
}

const insteadOfAnswer = (
  fault: ProduceFault,
  cut: () => void,
  answer: (error: number) => void,
): (() => void) | undefined => {
  if (fault === 'lose-answer') return cut
  if (fault === 'swallow-answer') return () => undefined
  return typeof fault === 'object' && 'appendedThen' in fault ? () => answer(fault.appendedThen) : undefined
}

interface Link {
  readonly client: Socket
  readonly broker: Socket
  readonly cut: () => void
  readonly answers: Map<number, () => void>
}

const addressOf = (port: number): Buffer => {
  const address = Buffer.from(`${HOST}....`)
  address.writeInt32BE(port, HOST.length)
  return address
}

/** Calls back with whole frames, length included. */
const byFrame = (take: (frame: Buffer) => void) => {
  let rest = Buffer.alloc(0)
  return (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= INT32 && rest.length >= INT32 + rest.readInt32BE(0)) {
      const end = INT32 + rest.readInt32BE(0)
      take(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
  }
}

const readBatches = (request: Buffer): SeenBatch[] => {
  const reader = new ByteReader(request)
  reader.skip(INT32 + 2 * INT16 + INT32) // length, API, version, correlation
  reader.string() // client id
  reader.skip(INT16 + INT16 + INT32) // no transactional id, acks, timeout
  return reader
    .array(() => {
      const topic = reader.string() ?? ''
      return reader.array(() => readBatch(reader, topic))
    })
    .flat()
}

const readBatch = (reader: ByteReader, topic: string): SeenBatch => {
  const partition = reader.int32()
  const length = reader.int32()
  reader.skip(AT_PRODUCER_ID)
  const producerId = reader.int64()
  reader.skip(INT16) // epoch
  const [sequence, count] = [reader.int32(), reader.int32()]
  reader.skip(length - AT_RECORDS)
  return { topic, partition, producerId, sequence, count }
}

/** A Produce answer (v8) with the same error for every partition. */
const produceAnswer = (correlation: number, batches: readonly SeenBatch[], error: number): Buffer => {
  const int16 = (value: number): Buffer => Buffer.of((value >> 8) & 255, value & 255)
  const int32 = (value: number): Buffer => Buffer.concat([int16(value >> 16), int16(value & 0xffff)])
  const none = Buffer.alloc(8, 255)
  const body = Buffer.concat([
    int32(correlation),
    int32(batches.length),
    ...batches.flatMap(({ topic, partition }) => [
      int16(Buffer.byteLength(topic)),
      Buffer.from(topic),
      int32(1),
      int32(partition),
      int16(error),
      none, // base offset
      none, // time of the append
      none, // log start
      int32(0), // blamed records
      int16(-1), // message
    ]),
    int32(0), // not throttled
  ])
  return Buffer.concat([int32(body.length), body])
}
