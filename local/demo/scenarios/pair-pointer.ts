import { setTimeout as pause } from 'node:timers/promises'
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm'
import { clientSettings } from '../../aws/deployed-stack.ts'
import type { ClientTroubles } from './client-troubles.ts'

/** What clients of a pair know: which cluster is the active one, and whether it may be written to. */
export interface Pointed {
  readonly cluster: string
  readonly mayWrite: boolean
  readonly epoch: number
}

export interface PointerPlace {
  /** The AWS endpoint. */
  readonly endpoint: string
  readonly region: string
  /** Of the parameter. */
  readonly name: string
  readonly troubles: ClientTroubles
}

const LOOK_EVERY_MS = 100

/** Follows the parameter as applications do, with a client that shares nothing with the product. */
export class PairPointer {
  readonly region: string
  #now: Pointed
  readonly #client: SSMClient
  readonly #name: string
  readonly #troubles: ClientTroubles
  readonly #ended = new AbortController()
  readonly #following: Promise<void>

  /** `initially`: what applications were told when they were deployed, since nobody has failed over yet. */
  constructor({ endpoint, region, name, troubles }: PointerPlace, initially: string) {
    this.#client = new SSMClient(clientSettings(endpoint, region))
    this.region = region
    this.#name = name
    this.#troubles = troubles
    this.#now = { cluster: initially, mayWrite: true, epoch: 0 }
    this.#following = this.#follow()
    this.#following.catch(() => undefined) // whoever closes it is told
  }

  get now(): Pointed {
    return this.#now
  }

  /** Throws when following had failed. */
  async close(): Promise<void> {
    this.#ended.abort()
    await this.#following.finally(() => this.#client.destroy())
  }

  async #follow(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const found = await this.#read()
      if (found !== undefined && found.epoch >= this.#now.epoch) this.#now = found
      await pause(LOOK_EVERY_MS)
    }
  }

  /** Who hears nothing takes it that nothing has changed. */
  async #read(): Promise<Pointed | undefined> {
    try {
      const { Parameter: parameter } = await this.#client.send(new GetParameterCommand({ Name: this.#name }))
      return JSON.parse(parameter?.Value ?? '')
    } catch (error) {
      if (!(error instanceof ParameterNotFound))
        await this.#troubles.note(`looking where to go in ${this.region}`, error)
      return undefined
    }
  }
}
