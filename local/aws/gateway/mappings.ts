import type { Mapping, MappingConfiguration, MappingState, Tags } from './mapping-configuration.ts'

/** How long a mapping stays in a passing state. On AWS: minutes to create, up to 90 s to change. */
export interface MappingDelays {
  readonly createMs: number
  readonly changeMs: number
  readonly deleteMs: number
}

const QUICK_DELAYS: MappingDelays = { createMs: 200, changeMs: 200, deleteMs: 100 }

/** Whoever plays the pollers. A mapping is only called enabled, or disabled, when this has happened. */
export interface Polling {
  start(mapping: Mapping): Promise<void>
  /** Resolves when nothing of the mapping is in flight any more. */
  stop(uuid: string): Promise<void>
}

/** What a mapping is to become; absent fields stay. */
export interface MappingChange {
  readonly enabled?: boolean
  readonly functionName?: string
  readonly configuration?: MappingConfiguration
}

export type ChangeOutcome =
  | { readonly kind: 'accepted'; readonly mapping: Mapping }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'busy'; readonly state: MappingState }

export interface NewMapping {
  readonly uuid: string
  readonly region: string
  readonly functionName: string
  readonly enabled: boolean
  readonly configuration: MappingConfiguration
  /** @default none */
  readonly tags?: Tags
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref())

const IN_REST: readonly MappingState[] = ['Enabled', 'Disabled']

/**
 * The event source mappings of Kafka, with the states that AWS takes them through:
 *
 *   Creating ─► Enabled ⇄ Updating      Enabled ─► Disabling ─► Disabled ─► Enabling ─► Enabled      … ─► Deleting
 *
 * A mapping on its way from one state to another takes no change and cannot be deleted, as on AWS.
 */
export class Mappings {
  readonly #mappings = new Map<string, Mapping>()
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #polled = new Set<string>()
  readonly #delays: MappingDelays
  readonly #now: () => number
  #polling: Polling | undefined

  constructor(delays: MappingDelays = QUICK_DELAYS, now: () => number = Date.now) {
    this.#delays = delays
    this.#now = now
  }

  list(): readonly Mapping[] {
    return [...this.#mappings.values()]
  }

  get(uuid: string): Mapping | undefined {
    return this.#mappings.get(uuid)
  }

  /** From now on somebody polls; mappings that are enabled already are started. */
  async pollWith(polling: Polling): Promise<void> {
    this.#polling = polling
    await Promise.all(
      this.list().map((mapping) => (mapping.state === 'Enabled' ? this.#start(mapping.uuid) : undefined)),
    )
  }

  create({ enabled, tags = {}, ...asked }: NewMapping): Mapping {
    const mapping: Mapping = {
      ...asked,
      tags,
      state: 'Creating',
      stateTransitionReason: 'USER_INITIATED',
      lastProcessingResult: 'No records processed',
      lastModifiedMs: this.#now(),
    }
    this.#mappings.set(asked.uuid, mapping)
    this.#goOn(asked.uuid, this.#delays.createMs, enabled)
    return mapping
  }

  change(uuid: string, { enabled, ...fields }: MappingChange): ChangeOutcome {
    const mapping = this.#mappings.get(uuid)
    if (mapping === undefined) return { kind: 'unknown' }
    if (!IN_REST.includes(mapping.state)) return { kind: 'busy', state: mapping.state }
    const wasEnabled = mapping.state === 'Enabled'
    const willBeEnabled = enabled ?? wasEnabled
    const passing = willBeEnabled === wasEnabled ? 'Updating' : willBeEnabled ? 'Enabling' : 'Disabling'
    const accepted = this.#set(uuid, { ...fields, state: passing, lastModifiedMs: this.#now() })
    this.#goOn(uuid, this.#delays.changeMs, willBeEnabled)
    return { kind: 'accepted', mapping: accepted ?? mapping }
  }

  delete(uuid: string): ChangeOutcome {
    const known = this.#mappings.get(uuid)
    if (known === undefined) return { kind: 'unknown' }
    if (!IN_REST.includes(known.state)) return { kind: 'busy', state: known.state }
    const mapping = this.#set(uuid, { state: 'Deleting', lastModifiedMs: this.#now() }) ?? known
    this.#follow(uuid, async () => {
      await pause(this.#delays.deleteMs)
      await this.#stop(uuid)
      this.#mappings.delete(uuid)
    })
    return { kind: 'accepted', mapping }
  }

  tag(uuid: string, tags: Tags): void {
    this.#set(uuid, { tags })
  }

  /** What AWS shows as `LastProcessingResult`. */
  report(uuid: string, lastProcessingResult: string): void {
    this.#set(uuid, { lastProcessingResult })
  }

  /** Resolves when no mapping is on its way from one state to another. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values())
  }

  /** Stops all polling; the mappings stay as they are. */
  async stopPolling(): Promise<void> {
    await this.settled()
    await Promise.all([...this.#polled].map((uuid) => this.#stop(uuid)))
    this.#polling = undefined
  }

  #set(uuid: string, change: Partial<Mapping>): Mapping | undefined {
    const mapping = this.#mappings.get(uuid)
    if (mapping === undefined) return undefined
    const next = { ...mapping, ...change }
    this.#mappings.set(uuid, next)
    return next
  }

  #goOn(uuid: string, delayMs: number, enabled: boolean): void {
    this.#follow(uuid, async () => {
      await pause(delayMs)
      await this.#stop(uuid)
      if (enabled) await this.#start(uuid)
      this.#set(uuid, { state: enabled ? 'Enabled' : 'Disabled' })
    })
  }

  /** One after the other for each mapping. */
  #follow(uuid: string, step: () => Promise<void>): void {
    const before = this.#underWay.get(uuid) ?? Promise.resolve()
    const after = before.then(step).finally(() => {
      if (this.#underWay.get(uuid) === after) this.#underWay.delete(uuid)
    })
    this.#underWay.set(uuid, after)
  }

  /** A mapping that cannot poll is enabled all the same, and says what the matter is. */
  async #start(uuid: string): Promise<void> {
    const mapping = this.#mappings.get(uuid)
    if (mapping === undefined || this.#polling === undefined) return
    this.#polled.add(uuid)
    await this.#polling.start(mapping).catch((error: unknown) => this.report(uuid, `PROBLEM: ${messageOf(error)}`))
  }

  async #stop(uuid: string): Promise<void> {
    if (this.#polled.delete(uuid)) await this.#polling?.stop(uuid)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
