import { setTimeout as pause } from 'node:timers/promises'
import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm'
import type { Consumer, EachMessagePayload, Kafka, Message, Producer } from 'kafkajs'

/** What is in the parameter, as far as a client needs it. */
export interface Pointer {
  readonly cluster: string
  readonly bootstrapServers: readonly string[]
  readonly mayWrite: boolean
  readonly epoch: number
}

export interface PointedClientOptions {
  /** In the region where the client runs. */
  readonly ssm: SSMClient
  readonly parameter: string
  /** Where to go as long as nobody has ever failed over: there is no parameter before that. */
  readonly initially: Pointer
  /** With the login of the application. */
  readonly connect: (bootstrapServers: readonly string[]) => Kafka
  /** Of the consumer. */
  readonly group: string
  readonly topic: string
  readonly onMessage: (message: EachMessagePayload) => Promise<void>
  /** Told of what did not work; it is tried again, and what was known goes on to be true. */
  readonly onTrouble: (error: unknown) => void
  /** How often it looks. @default 1 s */
  readonly everyMs?: number
}

interface Place {
  readonly cluster: string
  readonly producer: Producer
  readonly consumer: Consumer
}

/**
 * Writes and reads where the pointer says, and nowhere while it says that nobody may write: then whatever was read is
 * committed, and where groups stand can be carried to the other cluster, so that nothing is read twice there.
 */
export class PointedClient {
  #pointer: Pointer
  #place: Place | undefined
  /** What is not acknowledged yet. */
  readonly #sending = new Set<Promise<unknown>>()
  readonly #options: PointedClientOptions
  readonly #ended = new AbortController()
  readonly #following: Promise<void>

  constructor(options: PointedClientOptions) {
    this.#options = options
    this.#pointer = options.initially
    this.#following = this.#follow()
  }

  /** Where it is; absent: nowhere, for now. */
  get cluster(): string | undefined {
    return this.#place?.cluster
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#following
    await this.#leave()
  }

  /** Whether all are acknowledged. If not, nobody may write now: keep them, and try again in a while. */
  async send(messages: Message[]): Promise<boolean> {
    if (this.#place === undefined) return false
    const sending = this.#place.producer.send({ topic: this.#options.topic, messages, acks: -1 })
    this.#sending.add(sending)
    await sending.finally(() => this.#sending.delete(sending))
    return true
  }

  async #follow(): Promise<void> {
    const { everyMs = 1_000, onTrouble } = this.#options
    while (!this.#ended.signal.aborted) {
      await this.#goWhereItPoints().catch(onTrouble)
      await pause(everyMs, undefined, { signal: this.#ended.signal }).catch(() => undefined)
    }
  }

  async #goWhereItPoints(): Promise<void> {
    const { cluster, bootstrapServers, mayWrite } = await this.#look()
    const wanted = mayWrite ? cluster : undefined
    if (wanted === this.#place?.cluster) return
    await this.#leave()
    if (wanted !== undefined) this.#place = await this.#join(wanted, bootstrapServers)
  }

  /** A pointer of a lower epoch is of the past, whoever wrote it and when. */
  async #look(): Promise<Pointer> {
    const found = await this.#read()
    if (found !== undefined && found.epoch >= this.#pointer.epoch) this.#pointer = found
    return this.#pointer
  }

  async #read(): Promise<Pointer | undefined> {
    const { ssm, parameter } = this.#options
    try {
      const { Parameter: found } = await ssm.send(new GetParameterCommand({ Name: parameter }))
      return JSON.parse(found?.Value ?? '')
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined
      throw error
    }
  }

  async #join(cluster: string, bootstrapServers: readonly string[]): Promise<Place> {
    const { connect, group, topic, onMessage } = this.#options
    const kafka = connect(bootstrapServers)
    const place = { cluster, producer: kafka.producer(), consumer: kafka.consumer({ groupId: group }) }
    await Promise.all([place.producer.connect(), place.consumer.connect()])
    await place.consumer.subscribe({ topic, fromBeginning: true }) // where the group has no position, as in a new partition
    await place.consumer.run({ eachMessage: onMessage })
    return place
  }

  /** What was sent is waited for, and what was read is committed; a cluster that is gone is left all the same. */
  async #leave(): Promise<void> {
    const place = this.#place
    this.#place = undefined
    await Promise.allSettled(this.#sending)
    await Promise.allSettled([place?.consumer.disconnect(), place?.producer.disconnect()])
  }
}
