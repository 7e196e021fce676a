import { join } from 'node:path'
import { measureLag } from '../../local/demo/scenarios/running-business.ts'
import { StartedFailover } from '../../local/demo/scenarios/started-failover.ts'
import { type WatchedLink, type WatchedWorld, watchWorld } from '../../local/demo/scenarios/watched-world.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { startWorld } from '../../local/world/world.ts'
import { pairThatFailsOver, type WorldLayout } from '../../local/world/world-layout.ts'
import { allows } from '../../shared/domain/failover/preflight-check.ts'
import type { FailoverReport } from '../../shared/domain/failover/report.ts'
import { type AwaitedMs, type FailoverRound, failoverRound } from './failover-round.ts'
import { commitEverywhere, PARTITIONS, topicName, writeReplicated } from './pair-business.ts'

const IN_STEP_WITHIN_MS = 600_000
/** Topics that get records before each failover; before the first one all of them do. */
const WRITTEN_AGAIN = 10
const POINTER = '/bench/active-kafka'
/** What the topology has by default. */
export const STILL_MS = 5_000

export interface FailoverPairOptions {
  readonly topics: number
  readonly functionTimeoutMs: number
  readonly folder: string
  readonly say: (line: string) => void
}

const layoutOf = (topics: readonly string[], functionTimeoutMs: number): WorldLayout => {
  const link = { topics, functionTimeoutMs, appendDeadlineMs: 10_000 } as const
  const fence = { kind: 'parameter', name: POINTER } as const
  return pairThatFailsOver(link, {
    fence: { west: fence, east: fence },
    clients: fence,
    approval: 'none',
    stillMs: STILL_MS,
  })
}

/** A pair with many topics on the local world, whose deployed state machine moves it there and back. */
export class FailoverPair {
  readonly #watched: WatchedWorld
  readonly #topics: readonly string[]
  readonly #awaited: AwaitedMs
  readonly #say: (line: string) => void
  /** The link along which the next failover goes. */
  #along: 'west-east' | 'east-west' = 'west-east'
  #failovers = 0

  private constructor(
    watched: WatchedWorld,
    topics: readonly string[],
    { functionTimeoutMs, say }: FailoverPairOptions,
  ) {
    this.#watched = watched
    this.#topics = topics
    this.#awaited = { stillMs: STILL_MS, functionTimeoutMs }
    this.#say = say
  }

  /** With the topics on the active cluster; the functions of the link see to the other one. */
  static async start(options: FailoverPairOptions): Promise<FailoverPair> {
    const { functionTimeoutMs, folder, say } = options
    const topics = Array.from({ length: options.topics }, (_, at) => topicName(at))
    const stage = {
      options: { isolation: 'committed' as const },
      startWorld: (needs: object) =>
        startWorld({ ...needs, folder: join(folder, `of-${topics.length}`), onProgress: () => undefined }),
    }
    const watched = await watchWorld(stage, layoutOf(topics, functionTimeoutMs))
    const pair = new FailoverPair(watched, topics, options)
    try {
      say(`failover: making ${topics.length} topics`)
      const all = topics.map((name) => ({ name, partitions: PARTITIONS }))
      await createTopics(watched.link('west-east').source, all)
      return pair
    } catch (error) {
      await pair.stop()
      throw error
    }
  }

  /** One planned failover to the cluster that stands by, of groups that have read on since the last pass over them. */
  async failOver(groups: number): Promise<FailoverRound> {
    const along = this.#watched.link(this.#along)
    await this.#prepare(along, groups)
    const started = await StartedFailover.start(this.#endpoint, along.link, 'planned')
    try {
      const { outcome, report } = await started.end(() => undefined)
      if (outcome !== 'done') throw new Error(`failing over along ${along.link.name}: ${outcome}, ${whyNot(report)}`)
      this.#along = this.#along === 'west-east' ? 'east-west' : 'west-east'
      return failoverRound(await started.steps(), report.times, this.#awaited)
    } finally {
      started.close()
    }
  }

  async stop(): Promise<void> {
    this.#watched.close()
    await this.#watched.world.stop()
  }

  get #endpoint(): string {
    return this.#watched.world.aws?.url ?? ''
  }

  async #prepare(along: WatchedLink, groups: number): Promise<void> {
    const { source, link } = along
    await this.#untilInStep(along)
    await writeReplicated(along, this.#failovers === 0 ? this.#topics : this.#topics.slice(0, WRITTEN_AGAIN))
    await commitEverywhere(source, this.#topics, groups, ++this.#failovers)
    await measureLag({ watched: this.#watched }, link)
  }

  async #untilInStep(along: WatchedLink): Promise<void> {
    const isInStep = async (): Promise<boolean> => {
      const pass = await along.sync().catch(unlessItTakesTooLong)
      if (pass === undefined) return false
      const { steps, notes } = pass
      const waiting = notes.filter(({ severity }) => severity === 'pending')
      if (steps.length > 0)
        this.#say(`failover: ${steps.length} steps until the topics of ${along.link.name} are in step`)
      return steps.length + waiting.length === 0
    }
    await eventually(`the topics of ${along.link.name} to be in step`, isInStep, {
      withinMs: IN_STEP_WITHIN_MS,
      everyMs: 500,
    })
  }
}

/** A pass over many new topics outlasts whoever asks for it; it goes on all the same, and so does the next one. */
const unlessItTakesTooLong = (error: unknown): undefined => {
  if (error instanceof Error && error.name === 'AbortError') return undefined
  throw error
}

const whyNot = ({ stoppedAt, preflights }: FailoverReport): string => {
  const checks = (preflights.at(-1)?.report.checks ?? []).filter((check) => !allows(check))
  return [
    stoppedAt?.message ?? '',
    ...checks.map(({ name, measured, detail }) => `${name} (${measured}: ${detail})`),
  ].join('; ')
}
