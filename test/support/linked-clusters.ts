import type { PolledRecord } from '../../shared/domain/record.ts'
import { replicateBatches } from '../../shared/usecases/replication/replicate-batches.ts'
import { FakeLinkState } from '../fakes/link-state.ts'
import { FakeSourceLog } from '../fakes/source-log.ts'
import { FakeTargetLog } from '../fakes/target-log.ts'
import { deadlinesInTime } from './polled.ts'

const TOPIC = 'orders'
const PARTITION = { topic: TOPIC, partition: 0 }
const TURNS = 50

/** A link with provenance and identity names between two clusters of the world. */
export interface ClusterLink {
  readonly source: string
  readonly target: string
  readonly state: FakeLinkState
}

/** Clusters in memory, each with one partition of one topic, and the real replication between them. */
export class LinkedClusters {
  readonly links: readonly ClusterLink[]
  readonly #logs = new Map<string, FakeTargetLog>()
  readonly #sources = new Map<string, FakeSourceLog>()

  constructor(links: readonly (readonly [source: string, target: string])[]) {
    for (const cluster of new Set(links.flat())) {
      const log = new FakeTargetLog()
      const source = new FakeSourceLog()
      log.id = source.id = cluster
      log.createTopic(TOPIC, 1)
      source.createTopic(TOPIC, 1, `incarnation on ${cluster}`)
      this.#logs.set(cluster, log)
      this.#sources.set(cluster, source)
    }
    this.links = links.map(([source, target]) => ({ source, target, state: new FakeLinkState() }))
  }

  /** What an application writes; its offset follows from the log. */
  produce(cluster: string, record: Omit<PolledRecord, 'offset'>): void {
    this.log(cluster).writeForeign(TOPIC, 0, { ...record, offset: 0 })
  }

  records(cluster: string): PolledRecord[] {
    return this.log(cluster)
      .records(TOPIC, 0)
      .map((record, offset) => ({ ...record, offset }))
  }

  log(cluster: string): FakeTargetLog {
    const log = this.#logs.get(cluster)
    if (log === undefined) throw new RangeError(`no cluster ${cluster}`)
    return log
  }

  source(cluster: string): FakeSourceLog {
    const source = this.#sources.get(cluster)
    if (source === undefined) throw new RangeError(`no cluster ${cluster}`)
    return source
  }

  /** One invocation of a link with the next records, and some that it had before; says how many were new. */
  async deliver(link: ClusterLink, count: number, again = 0): Promise<number> {
    const next = Number(link.state.head(PARTITION)?.nextSource ?? 0n)
    const [first, ...others] = this.records(link.source).slice(Math.max(0, next - again), next + count)
    if (first === undefined) return 0
    const [outcome] = await replicateBatches([{ ...PARTITION, records: [first, ...others] }], deadlinesInTime(), {
      source: this.source(link.source),
      target: this.log(link.target),
      state: link.state,
      quarantine: undefined,
      clock: Date,
      alarm: () => undefined,
      targetTopic: (topic) => topic,
      provenance: true,
    })
    if (outcome?.error !== undefined && outcome.error.code !== 'APPEND_OUTCOME_UNKNOWN') throw outcome.error
    return Number(link.state.head(PARTITION)?.nextSource ?? 0n) - next
  }

  /** Delivers until nothing moves any more; what goes round for ever is an error. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) {
      let moved = 0
      for (const link of this.links) moved += await this.deliver(link, 1_000)
      if (moved === 0) return
    }
    throw new Error(`records still move after ${TURNS} turns`)
  }
}
