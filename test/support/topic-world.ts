import type { LinkMapping } from '../../shared/domain/topics/mapping-plan.ts'
import type { NewTopic } from '../../shared/domain/topics/topic-facts.ts'
import { planTopics, type TopicPlan } from '../../shared/domain/topics/topic-plan.ts'
import type { DescribedCluster, PlanFacts, PlannedLink } from '../../shared/domain/topics/topic-plan-facts.ts'
import { isSameRecord, type TopicRecord } from '../../shared/domain/topics/topic-record.ts'
import type { TopicStep } from '../../shared/domain/topics/topic-step.ts'
import { factsOf, type ModelTopic, ownSetting, plannedLink } from './model-topic.ts'

export const DAY_MS = 86_400_000

const NEXT_STATE = {
  Creating: 'Enabled',
  Enabling: 'Enabled',
  Disabling: 'Disabled',
  Updating: 'Enabled',
  Enabled: 'Enabled',
  Disabled: 'Disabled',
} as const

/** Two clusters, a ledger and Lambda, to which steps do what they say; whatever a step may never do, throws. */
export class TopicWorld {
  now = Date.UTC(2026, 0, 1)
  paused = false
  readonly source = new Map<string, ModelTopic>()
  readonly target = new Map<string, ModelTopic>()
  readonly ledger = new Map<string, TopicRecord>()
  readonly heads = new Map<string, Map<number, string>>()
  readonly keylessPastIsBehind = new Set<string>()
  readonly removed: string[] = []
  /** The partitions whose group was set back. */
  readonly rewound = new Map<string, ReadonlySet<number>>()
  mappings: LinkMapping[] = []
  link: PlannedLink
  /** Mappings on their way out that consume nothing any more. */
  readonly #quiet = new Set<string>()
  #made = 0

  constructor(link: PlannedLink = plannedLink()) {
    this.link = link
  }

  facts(changes: Partial<PlanFacts> = {}): PlanFacts {
    const cluster = (clusterId: string, topics: ReadonlyMap<string, ModelTopic>): DescribedCluster => ({
      described: { clusterId, brokers: 3, topics: factsOf(topics), undescribed: new Map() },
      settings: new Map([...topics].map(([topic, { settings }]) => [topic, new Map(settings)])),
    })
    return {
      link: this.link,
      flows: [this.link],
      now: this.now,
      paused: this.paused,
      targetIsActive: false,
      source: cluster('id-of-west', this.source),
      target: cluster('id-of-east', this.target),
      timestampBounds: 'before-and-after',
      ledger: new Map(this.ledger),
      ended: new Map(),
      heads: new Map([...this.heads].map(([topic, heads]) => [topic, new Map(heads)])),
      mappings: [...this.mappings],
      keyedFrom: new Map(),
      keylessPastIsBehind: this.keylessPastIsBehind,
      ...changes,
    }
  }

  plan(): Extract<TopicPlan, { kind: 'planned' }> {
    const plan = planTopics(this.facts())
    if (plan.kind === 'refused') throw new Error(plan.detail)
    return plan
  }

  addMapping(topic: string, state: LinkMapping['state'], madeBy: LinkMapping['madeBy'] = 'run-time'): void {
    this.mappings.push({ id: `mapping-${this.#made++}`, topic, state, madeBy })
  }

  /** Steps for which `fails` says so are not done, nor is what comes after them for their topic. */
  apply(steps: readonly TopicStep[], fails: (step: TopicStep) => boolean = () => false): void {
    const failed = new Set<string>()
    for (const step of steps) {
      if (fails(step)) failed.add(step.topic)
      if (!failed.has(step.topic)) this.#do(step)
    }
  }

  /** Time for Lambda to do what it was asked for. */
  pass(ms = 60_000): void {
    this.now += ms
    this.mappings = this.mappings.flatMap((mapping) =>
      mapping.state === 'Deleting' ? [] : [{ ...mapping, state: NEXT_STATE[mapping.state] }],
    )
  }

  /** Passes until a plan has nothing to do. */
  settle(ms = 60_000, passes = 12): void {
    for (let count = 0; count < passes; count++) {
      const { steps } = this.plan()
      this.apply(steps)
      this.pass(ms)
    }
    const { steps } = this.plan()
    if (steps.length > 0)
      throw new Error(`after ${passes} passes there is still to do: ${steps.map(({ kind }) => kind)}`)
  }

  #do(step: TopicStep): void {
    switch (step.kind) {
      case 'record-lost':
        break
      case 'create':
        this.#create(step.newTopic)
        break
      case 'grow':
        this.#grow(step.targetTopic, step.to)
        break
      case 'alter':
        this.#alter(step)
        break
      case 'remove':
        this.#remove(step)
        break
      case 'rewind-group':
        this.#rewindGroup(step)
        break
      case 'close-heads':
        this.#closeHeads(step)
        break
      case 'hold-back':
      case 'remember':
        this.#remember(step)
        break
      case 'create-mapping':
        this.#createMapping(step)
        break
      case 'enable-mapping':
        this.#refuseUnlessReady(step.topic)
        this.#turn(step.id, 'Disabled', 'Enabling')
        break
      case 'update-mapping':
        this.#updateMapping(step.id)
        break
      case 'disable-mapping':
        this.#turn(step.id, 'Enabled', 'Disabling')
        break
      case 'remove-mapping':
        this.#removeMapping(step.id)
        break
    }
  }

  #create({ topic, settings, ...rest }: NewTopic): void {
    if (this.target.has(topic)) throw new Error(`${topic} is there already`)
    const own = new Map([...settings].map(([name, value]) => [name, ownSetting(value)]))
    this.target.set(topic, { incarnation: `made-${this.#made++}`, ...rest, settings: own })
  }

  #grow(topic: string, to: number): void {
    const found = this.#onTarget(topic)
    if (to <= found.partitions) throw new Error(`${topic} would not grow`)
    found.partitions = to
  }

  #alter({ targetTopic, changes }: Extract<TopicStep, { kind: 'alter' }>): void {
    const { settings } = this.#onTarget(targetTopic)
    for (const { name, value } of changes) {
      if (value === undefined && settings.get(name) === undefined) throw new Error(`${name} is not set`)
      if (value === undefined) settings.delete(name)
      else settings.set(name, ownSetting(value))
    }
  }

  #remove({ topic, targetTopic }: Extract<TopicStep, { kind: 'remove' }>): void {
    if (this.source.has(topic)) throw new Error(`${topic} is still on the source`)
    if (this.ledger.get(topic)?.targetTopic !== targetTopic) throw new Error(`${targetTopic} is not ours`)
    this.#onTarget(targetTopic)
    this.target.delete(targetTopic)
    this.removed.push(targetTopic)
  }

  #rewindGroup({ topic, partitions }: Extract<TopicStep, { kind: 'rewind-group' }>): void {
    this.#refuseUnlessQuiet(topic)
    this.rewound.set(topic, new Set([...(this.rewound.get(topic) ?? []), ...partitions]))
  }

  #closeHeads({ topic, incarnations }: Extract<TopicStep, { kind: 'close-heads' }>): void {
    this.#refuseUnlessQuiet(topic)
    if (this.ledger.get(topic)?.next !== this.source.get(topic)?.incarnation) throw new Error('one look is no proof')
    for (const [partition, incarnation] of incarnations) {
      if (incarnation === this.source.get(topic)?.incarnation) throw new Error('that head is not of an earlier life')
      const isThere = partition < (this.source.get(topic)?.partitions ?? 0)
      if (isThere && !this.rewound.get(topic)?.has(partition)) throw new Error('its group would begin in the middle')
      if (this.heads.get(topic)?.get(partition) === incarnation) this.heads.get(topic)?.delete(partition)
    }
  }

  #remember({ topic, from, to }: Extract<TopicStep, { kind: 'remember' | 'hold-back' }>): void {
    const now = this.ledger.get(topic)
    const isAsRead = now === undefined || from === undefined ? now === from : isSameRecord(now, from)
    if (!isAsRead) throw new Error(`the record of ${topic} is another one`)
    if (now !== undefined && isSameRecord(now, to)) throw new Error('nothing changes')
    this.ledger.set(topic, to)
  }

  #updateMapping(id: string): void {
    this.mappings = this.mappings.map((mapping) => {
      const { differs: _, ...updated } = mapping
      return mapping.id === id ? { ...updated, state: 'Updating' } : mapping
    })
  }

  #createMapping({ topic, enabled }: Extract<TopicStep, { kind: 'create-mapping' }>): void {
    if (this.mappings.some((mapping) => mapping.topic === topic)) throw new Error(`${topic} has a mapping`)
    if (enabled) this.#refuseUnlessReady(topic)
    this.addMapping(topic, enabled ? 'Creating' : 'Disabled')
  }

  #removeMapping(id: string): void {
    const mapping = this.mappings.find((one) => one.id === id)
    if (mapping?.madeBy !== 'run-time') throw new Error('that mapping is not ours')
    if (mapping.state === 'Disabled') this.#quiet.add(id)
    this.#turn(id, mapping.state, 'Deleting')
  }

  #turn(id: string, from: LinkMapping['state'], to: LinkMapping['state']): void {
    const found = this.mappings.find((one) => one.id === id)
    if (found?.state !== from || /ing$/.test(from)) throw new Error(`${id} is ${found?.state}`)
    this.mappings = this.mappings.map((one) => (one.id === id ? { ...one, state: to } : one))
  }

  #refuseUnlessQuiet(topic: string): void {
    for (const mapping of this.mappings)
      if (mapping.topic === topic && mapping.state !== 'Disabled' && !this.#quiet.has(mapping.id))
        throw new Error(`${topic} is still consumed`)
  }

  /** What has to be so before a topic is consumed. */
  #refuseUnlessReady(topic: string): void {
    const record = this.ledger.get(topic)
    const source = this.source.get(topic)
    if (this.paused || record?.paused || record?.restarting) throw new Error(`${topic} is held back`)
    if (record === undefined || source?.incarnation !== record.incarnation)
      throw new Error(`${topic} is not remembered`)
    if (this.#onTarget(record.targetTopic).partitions < source.partitions) throw new Error(`${topic} is not whole yet`)
    for (const head of this.heads.get(topic)?.values() ?? [])
      if (head !== source.incarnation) throw new Error(`a head of an earlier ${topic} is open`)
  }

  #onTarget(topic: string): ModelTopic {
    const found = this.target.get(topic)
    if (found === undefined) throw new Error(`the target has no ${topic}`)
    return found
  }
}
