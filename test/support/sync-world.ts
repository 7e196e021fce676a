import type { Gap, Head } from '../../shared/domain/head.ts'
import { lifeName } from '../../shared/domain/lag/ended-life.ts'
import type { PartitionLook } from '../../shared/domain/lag/partition-look.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import type { PlannedLink } from '../../shared/domain/topics/topic-plan-facts.ts'
import type { SourceLog } from '../../shared/usecases/ports.ts'
import { type SyncTopicsDeps, syncTopics, type TopicPass } from '../../shared/usecases/topics/sync-topics.ts'
import { FakeGroupPositions } from '../fakes/group-positions.ts'
import { FakeLagLedger } from '../fakes/lag-ledger.ts'
import { FakeLinkState } from '../fakes/link-state.ts'
import { FakeMappingControl } from '../fakes/mapping-control.ts'
import { FakeTopicAdmin } from '../fakes/topic-admin.ts'
import { FakeTopicLedger } from '../fakes/topic-ledger.ts'
import { inTime } from './in-time.ts'
import { plannedLink } from './model-topic.ts'

export const MINUTE_MS = 60_000

interface SourceTopic {
  readonly partitions?: number
  readonly settings?: Readonly<Record<string, string>>
}

type Edges = Pick<Awaited<ReturnType<SourceLog['describe']>>, 'logStart' | 'logEnd'>

/** Everything that a pass over the topics of a link meets, in memory. */
export class SyncWorld {
  now = Date.UTC(2026, 0, 1)
  readonly source = new FakeTopicAdmin('source')
  readonly target = new FakeTopicAdmin('target')
  readonly ledger = new FakeTopicLedger()
  readonly state = new FakeLinkState()
  readonly mappings = new FakeMappingControl()
  readonly groups = new FakeGroupPositions()
  readonly lag = new FakeLagLedger()
  readonly told: Gap[] = []
  /** How many heads each look at the state was for. */
  readonly headsRead: number[] = []
  /** How often the ends of a partition were asked for. */
  endsAsked = 0
  link: PlannedLink
  readonly #edges = new Map<string, Edges>()

  constructor(link: PlannedLink = plannedLink()) {
    this.link = link
    for (const side of ['before', 'after']) this.target.inherited.set(`message.timestamp.${side}.max.ms`, '1')
    this.source.inherited.set('retention.bytes', '-1')
    this.target.inherited.set('retention.bytes', '-1')
    this.target.put('any') // from which the settings of the brokers are learnt
  }

  get deps(): SyncTopicsDeps {
    const { link, source, target, ledger, mappings, groups, lag } = this
    const alarm = (_: PartitionId, gap: Gap) => void this.told.push(gap)
    const clock = { now: () => this.now }
    const sourceLog = { describe: (partition: PartitionId) => this.#describe(partition) }
    const followed = { ledger, state: this.#state(), pages: this.state, lag, mappings, groups }
    return { link, flows: [link], source, target, sourceLog, ...followed, alarm, clock }
  }

  /** A topic of the source in one of its lives. */
  put(topic: string, life = 'life-1', { partitions = 3, settings = {} }: SourceTopic = {}): void {
    this.source.put(topic, { partitions, settings })
    const made = this.source.topics.get(topic)
    if (made !== undefined) made.incarnation = life
    for (let partition = 0; partition < partitions; partition++) this.hold({ topic, partition }, 0n)
  }

  /** What the source holds of a partition. */
  hold({ topic, partition }: PartitionId, logEnd: bigint, logStart = 0n): void {
    this.#edges.set(`${topic}-${partition}`, { logStart, logEnd })
  }

  /** What whoever measures the lag saw last of a life that was over long ago. */
  sawLast({ topic, partition }: PartitionId, end: bigint, more: Partial<PartitionLook> = {}): void {
    const at = this.now - 60 * MINUTE_MS
    const life = { topic, partition, incarnation: 'life-1', at, start: 0n, end, starts: [], rises: [], ...more }
    const ended = new Map([...(this.lag.memory?.ended ?? []), [lifeName(life), life]])
    this.lag.memory = { at: this.now, looks: new Map(), ended }
  }

  /** The partition is replicated up to an offset, in one run. */
  async replicated(partition: PartitionId, nextSource: bigint, incarnation = 'life-1'): Promise<void> {
    const head: Head = {
      incarnation,
      nextSource,
      nextTarget: nextSource + 5n,
      openRuns: nextSource === 0n ? [] : [{ source: 0n, target: 5n, length: nextSource }],
      last: undefined,
      unverifiedFrom: undefined,
      epoch: 0,
      updatedAt: 0,
    }
    await this.state.advance(partition, this.state.head(partition), head)
  }

  /** One pass, and the minute after it. */
  async pass(deps: SyncTopicsDeps = this.deps): Promise<TopicPass> {
    try {
      return await syncTopics(inTime(), deps)
    } finally {
      this.now += MINUTE_MS
      await this.mappings.settle()
    }
  }

  /** Passes until one has nothing to do. */
  async settle(passes = 8): Promise<TopicPass> {
    for (let count = 0; count < passes; count++) {
      const pass = await this.pass()
      if (pass.plan.steps.length === 0) return pass
    }
    throw new Error(`after ${passes} passes there is still something to do`)
  }

  mappingOf(topic: string) {
    return [...this.mappings.mappings.values()].find((mapping) => mapping.topic === topic)
  }

  async #describe({ topic, partition }: PartitionId) {
    this.endsAsked++
    const edges = this.#edges.get(`${topic}-${partition}`)
    if (edges === undefined) throw new Error(`the fake source has no ${topic}-${partition}`)
    return { topic, partition, incarnation: this.source.topics.get(topic)?.incarnation ?? '', ...edges }
  }

  #state(): SyncTopicsDeps['state'] {
    const { state, headsRead } = this
    return {
      read: (partitions) => {
        headsRead.push(partitions.length)
        return state.read(partitions)
      },
      seal: (partition, pages) => state.seal(partition, pages),
      advance: (partition, from, to) => state.advance(partition, from, to),
      followedLife: (topic) => state.followedLife(topic),
      firstStart: (partition, incarnation) => state.firstStart(partition, incarnation),
      recordGap: (partition, gap) => state.recordGap(partition, gap),
    }
  }
}

export const kindsOf = ({ plan }: Pick<TopicPass, 'plan'>, topic?: string): string[] =>
  plan.steps.flatMap((step) => (topic === undefined || step.topic === topic ? [step.kind] : []))

export const outcomesOf = ({ outcomes }: TopicPass, topic: string): string[] =>
  outcomes.flatMap(({ kind, step }) => (step.topic === topic ? [`${step.kind} ${kind}`] : []))

/** The same port, some of whose methods do something else. */
export const replacing = <Port extends object>(port: Port, methods: Partial<Port>): Port =>
  new Proxy(port, {
    get: (of, name) => {
      const replaced: unknown = Reflect.get(methods, name)
      const own: unknown = Reflect.get(of, name)
      return replaced ?? (typeof own === 'function' ? own.bind(of) : own)
    },
  })
