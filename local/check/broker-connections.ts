import { Connection, Writer } from '@platformatic/kafka'
import type { ClusterLogin } from '../kafka/cluster-login.ts'
import { eventually } from '../machine/eventually.ts'
import { ByteReader } from './byte-reader.ts'

/** What is needed to reach a local cluster; a `LocalCluster` is one. */
export interface ClusterAccess {
  readonly bootstrapServers: readonly string[]
  readonly login: ClusterLogin
}

export interface BrokerRequest<Answer> {
  readonly apiKey: number
  /** Of the versions without tagged fields. */
  readonly apiVersion: number
  readonly write: (writer: Writer) => Writer
  readonly read: (reader: ByteReader) => Answer
}

export interface PartitionLeader {
  readonly partition: number
  readonly leader: string
}

const CLIENT_ID = 'twinshore-check'
const METADATA = { apiKey: 3, apiVersion: 4 }
const LEADERS_WITHIN_MS = 30_000

/**
 * Asks brokers by raw requests. The client library carries bytes, TLS and login; neither its metadata nor its decoders
 * are used, since what is to be checked passed through such libraries.
 */
export class BrokerConnections {
  readonly #access: ClusterAccess
  readonly #open = new Map<string, Promise<Connection>>()

  constructor(access: ClusterAccess) {
    this.#access = access
  }

  async ask<Answer>(broker: string, request: BrokerRequest<Answer>): Promise<Answer> {
    const connection = await this.#connect(broker)
    return new Promise((resolve, reject) => {
      connection.send<Answer>(
        request.apiKey,
        request.apiVersion,
        () => request.write(Writer.create()),
        (_correlation, _key, _version, { buffer }) => request.read(new ByteReader(buffer.slice())),
        false,
        false,
        (error, answer) =>
          answer === undefined ? reject(error ?? new Error(`${broker} gave no answer`)) : resolve(answer),
      )
    })
  }

  /** The leader of each partition of a topic, as `host:port`; waits while an election goes on. */
  leadersOf(topic: string): Promise<PartitionLeader[]> {
    return eventually(`leaders of ${topic}`, () => this.#askLeaders(topic), { withinMs: LEADERS_WITHIN_MS })
  }

  async close(): Promise<void> {
    const connections = await Promise.allSettled(this.#open.values())
    this.#open.clear()
    await Promise.all(connections.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)))
  }

  async #askLeaders(topic: string): Promise<PartitionLeader[] | undefined> {
    for (const broker of this.#access.bootstrapServers) {
      const answer = await this.ask(broker, metadataRequest(topic)).catch(() => undefined)
      if (answer !== undefined) return leadersFrom(answer)
    }
    return undefined
  }

  #connect(broker: string): Promise<Connection> {
    const known = this.#open.get(broker)
    if (known !== undefined) return known
    const connecting = openConnection(broker, this.#access.login, () => this.#open.delete(broker))
    this.#open.set(broker, connecting)
    connecting.catch(() => this.#open.delete(broker))
    return connecting
  }
}

const openConnection = async (broker: string, login: ClusterLogin, onEnd: () => void): Promise<Connection> => {
  const [host = '', port = ''] = broker.split(':')
  const connection = new Connection(CLIENT_ID, login.kind === 'none' ? {} : secured(login))
  connection.on('close', onEnd)
  connection.on('error', onEnd)
  await connection.connect(host, Number(port))
  return connection
}

const secured = ({ username, password, ca }: Exclude<ClusterLogin, { kind: 'none' }>) => ({
  tls: { ca: [ca] },
  sasl: { mechanism: 'SCRAM-SHA-512' as const, username, password },
})

interface Metadata {
  readonly brokers: ReadonlyMap<number, string>
  readonly partitions: readonly { readonly partition: number; readonly leaderId: number }[]
}

const metadataRequest = (topic: string): BrokerRequest<Metadata> => ({
  ...METADATA,
  write: (writer) =>
    writer.appendArray([topic], (w, name) => w.appendString(name, false), false, false).appendBoolean(false),
  read: readMetadata,
})

const readMetadata = (reader: ByteReader): Metadata => {
  reader.int32() // throttle time
  const brokers = reader.array((): [number, string] => {
    const id = reader.int32()
    const address = `${reader.string()}:${reader.int32()}`
    reader.string() // rack
    return [id, address]
  })
  reader.string() // cluster id
  reader.int32() // controller
  const topics = reader.array(() => readTopicMetadata(reader))
  return { brokers: new Map(brokers), partitions: topics.flat() }
}

const readTopicMetadata = (reader: ByteReader) => {
  const error = reader.int16()
  const topic = reader.string()
  reader.skip(1) // internal
  if (error !== 0) throw new Error(`asking for the partitions of ${topic}: Kafka says ${error}`)
  return reader.array(() => {
    reader.int16() // a leader that is missing shows in its id
    const partition = reader.int32()
    const leaderId = reader.int32()
    reader.array(() => reader.int32()) // replicas
    reader.array(() => reader.int32()) // in-sync replicas
    return { partition, leaderId }
  })
}

/** Undefined while a partition has no leader, or the topic is not known here yet. */
const leadersFrom = ({ brokers, partitions }: Metadata): PartitionLeader[] | undefined => {
  const leaders = partitions.flatMap(({ partition, leaderId }) => {
    const leader = brokers.get(leaderId)
    return leader === undefined ? [] : [{ partition, leader }]
  })
  return leaders.length === 0 || leaders.length < partitions.length ? undefined : leaders
}
