import { ReplicationError } from '../../domain/errors.ts'
import { type ProbeVerdict, probeVerdict, strictest } from '../../domain/failover/probe-verdict.ts'
import { unwritableBatch } from '../../domain/failover/unwritable-batch.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import type { WriteProbe } from '../../usecases/failover/fence-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { NoAnswer } from './broker-connection.ts'
import { ClusterLogin } from './cluster-login.ts'
import { KafkaCluster } from './kafka-cluster.ts'
import { DEFAULT_TIMEOUTS, type KafkaTimeouts } from './kafka-timeouts.ts'
import { Patience, pauseMs } from './patience.ts'
import { metadataRequest } from './requests/metadata-request.ts'
import { produceRequest } from './requests/produce-request.ts'

export interface WriteProbeOptions {
  readonly secrets: Secrets
  readonly timeouts?: Partial<KafkaTimeouts>
}

type Verdicts = ReadonlyMap<string, ProbeVerdict>

/** A batch and a name come to some 150 bytes. */
const TOPICS_PER_REQUEST = 1_000
/** Every topic has it. */
const FIRST_PARTITION = 0

/**
 * Sends every broker a batch that none can append. A broker looks at the rights of whoever writes before it looks at what is
 * written, and before it minds whether it leads the partition; https://github.com/apache/kafka, `KafkaApis.handleProduceRequest`.
 * Where the fence does not hold the brokers log a wrong checksum.
 */
export class KafkaWriteProbe implements WriteProbe {
  readonly #cluster: KafkaCluster
  readonly #login: ClusterLogin
  readonly #timeouts: KafkaTimeouts

  constructor(access: KafkaAccess, { secrets, timeouts = {} }: WriteProbeOptions) {
    this.#timeouts = { ...DEFAULT_TIMEOUTS, ...timeouts }
    this.#login = new ClusterLogin(access, secrets)
    this.#cluster = new KafkaCluster(access, this.#login, {
      clientId: 'twinshore-probe',
      unreachable: 'SOURCE_UNREACHABLE',
      timeouts: this.#timeouts,
    })
  }

  principal(): Promise<string> {
    return this.#login.principal()
  }

  async ask(topics: readonly string[], deadline: Deadline): Promise<Verdicts> {
    const brokers = await this.#brokers(deadline)
    const answers = await Promise.all(brokers.map((broker) => this.#askBroker(broker, topics, deadline)))
    return new Map(topics.map((topic) => [topic, strictest(answers.map((answer) => verdictOn(topic, answer)))]))
  }

  close(): void {
    this.#cluster.close()
  }

  /** Those that are up; the addresses are those of the login's own listener. */
  async #brokers(deadline: Deadline): Promise<readonly number[]> {
    const { name, unreachable } = this.#cluster
    const fail = (code: ReplicationError['code'], because: string): ReplicationError =>
      new ReplicationError(code === 'DEADLINE_PASSED' ? unreachable : code, `probing writes to ${name}: ${because}`)
    const { brokers } = await new Patience(deadline, pauseMs, fail).ask(unreachable, (signal) =>
      this.#cluster.ask(metadataRequest([]), [signal]),
    )
    this.#cluster.learn(brokers)
    return brokers.map(({ node }) => node)
  }

  async #askBroker(broker: number, topics: readonly string[], deadline: Deadline): Promise<Verdicts> {
    const verdicts = new Map<string, ProbeVerdict>()
    for (let at = 0; at < topics.length; at += TOPICS_PER_REQUEST) {
      const some = topics.slice(at, at + TOPICS_PER_REQUEST)
      for (const [topic, verdict] of await this.#tryWriting(broker, some, deadline)) verdicts.set(topic, verdict)
    }
    return verdicts
  }

  /** A broker that gives no answer says nothing of any topic. */
  async #tryWriting(broker: number, topics: readonly string[], { signal }: Deadline): Promise<Verdicts> {
    const bytes = unwritableBatch()
    const batches = topics.map((topic) => ({ topic, partition: FIRST_PARTITION, bytes }))
    const { produceMs } = this.#timeouts
    try {
      const connection = await this.#cluster.node(broker, [signal])
      const limits = { timeoutMs: produceMs, signals: [signal] }
      const { results, throttleMs } = await connection.request(produceRequest(batches, produceMs), limits)
      if (throttleMs > 0) connection.mute(throttleMs)
      return new Map(results.map(({ topic, error }) => [topic, probeVerdict(broker, error)]))
    } catch (error) {
      if (!(error instanceof NoAnswer) && !this.#cluster.isUnreachable(error)) throw error
      const because = `broker ${broker}: ${error instanceof Error ? error.message : String(error)}`
      return new Map(topics.map((topic) => [topic, { kind: 'unclear', because }]))
    }
  }
}

const verdictOn = (topic: string, answer: Verdicts): ProbeVerdict =>
  answer.get(topic) ?? { kind: 'unclear', because: 'the answer does not mention it' }
