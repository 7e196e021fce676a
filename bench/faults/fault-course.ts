import { setTimeout as pause } from 'node:timers/promises'
import { readTopic } from '../../local/check/log-reader.ts'
import type { PartitionLog } from '../../local/check/partition-log.ts'
import { judgePartition, total, type Verdict } from '../../local/check/verdict.ts'
import { bulkRecords } from '../../local/corpus/corpus-records.ts'
import { RecordAppender } from '../../local/corpus/record-appender.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { eventually } from '../../local/machine/eventually.ts'
import type { Gap } from '../../shared/domain/head.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import { countRecords, createTopic, dropTopic, withAdmin } from '../bench-cluster.ts'
import { type Copier, copyOf, type RunningCopier } from '../copiers/copier.ts'

/** Somebody who copies under faults, and what they say about records that they did not copy. */
export interface Contender {
  readonly copier: Copier
  /** The gap ledger of a partition; who keeps none has no gaps. */
  gaps(alias: string, partition: PartitionId): Promise<readonly Gap[]>
}

export interface FaultCourse {
  readonly source: LocalCluster
  readonly target: LocalCluster
  readonly folder: string
  readonly quick: boolean
  readonly say: (line: string) => void
}

const BATCH = 1_000
const SETTLED_WITHIN_MS = 300_000
/** MirrorMaker rests for up to ten seconds while it starts and rebalances. */
const QUIET_MS = 15_000
const LOOK_EVERY_MS = 250

/** One topic, one contender: the copy is judged against what the source held before any fault. */
export class Trial {
  readonly alias: string
  readonly topic: string
  readonly #partitions: number
  readonly #course: FaultCourse
  readonly #contender: Contender
  #written = 0

  static async open(contender: Contender, name: string, partitions: number, course: FaultCourse): Promise<Trial> {
    const trial = new Trial(contender, name, partitions, course)
    await createTopic(course.source, trial.topic, partitions)
    await createTopic(course.target, trial.#targetTopic, partitions)
    return trial
  }

  private constructor(contender: Contender, name: string, partitions: number, course: FaultCourse) {
    this.alias = name
    this.topic = `${name}-records`
    this.#partitions = partitions
    this.#course = course
    this.#contender = contender
  }

  /** Records that differ from all others, evenly over the partitions. */
  async write(records: number, sizeBytes: number): Promise<void> {
    const appender = new RecordAppender(this.#course.source)
    const content = [...bulkRecords(++this.#written, records, sizeBytes)].map((one) => ({
      ...one,
      timestamp: Date.now(),
    }))
    const share = Math.ceil(records / this.#partitions)
    for (let partition = 0; partition < this.#partitions; partition++) {
      const own = content.slice(partition * share, (partition + 1) * share)
      for (let at = 0; at < own.length; at += BATCH)
        await appender.append(this.topic, partition, own.slice(at, at + BATCH), 'none')
    }
    await appender.close()
  }

  start(): Promise<RunningCopier> {
    const { source, target, folder } = this.#course
    const { alias, topic } = this
    return this.#contender.copier.start({ source, target, topic, targetTopic: this.#targetTopic, alias, folder })
  }

  sourceLogs(): Promise<PartitionLog[]> {
    return readTopic(this.#course.source, this.topic)
  }

  gaps(partition: PartitionId): Promise<readonly Gap[]> {
    return this.#contender.gaps(this.alias, partition)
  }

  copied(): Promise<number> {
    return withAdmin(this.#course.target, (admin) => countRecords(admin, this.#targetTopic))
  }

  /** Waits until so many are there. */
  async untilCopied(least: number): Promise<void> {
    await withAdmin(this.#course.target, (admin) =>
      eventually(`${least} copies`, async () => (await countRecords(admin, this.#targetTopic)) >= least, {
        withinMs: SETTLED_WITHIN_MS,
        everyMs: LOOK_EVERY_MS,
      }),
    )
  }

  /** Waits until so many are there and, for a while, no more came. */
  async untilQuiet(least: number): Promise<void> {
    await this.untilCopied(least)
    let before: number | undefined
    for (let now = await this.copied(); now !== before; now = await this.copied()) {
      before = now
      await pause(QUIET_MS)
    }
  }

  async judge(sources: readonly PartitionLog[], isolation: 'committed' | 'uncommitted'): Promise<Verdict> {
    const targets = await readTopic(this.#course.target, this.#targetTopic)
    const verdicts = sources.map(async (source) => {
      const target = targets.find(({ partition }) => partition.partition === source.partition.partition)
      if (target === undefined) throw new Error(`${this.#targetTopic} lacks partition ${source.partition.partition}`)
      return judgePartition({ source, target, isolation, gaps: await this.gaps(source.partition), redelivered: [] })
    })
    return total(await Promise.all(verdicts))
  }

  async close(): Promise<void> {
    await dropTopic(this.#course.source, this.topic)
    await dropTopic(this.#course.target, this.#targetTopic)
  }

  get #targetTopic(): string {
    return copyOf(this.alias, this.topic)
  }
}

export const copiesWrittenTwice = ({ duplicates }: Verdict): number => duplicates.explained + duplicates.unexplained
