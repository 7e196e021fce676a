import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { runProcess } from '../../local/machine/owned-process.ts'
import { kafkaToolJars } from '../../local/machine/toolchain.ts'
import { countRecords, createTopic, dropTopic, withAdmin } from '../bench-cluster.ts'
import { type Copier, copyOf } from '../copiers/copier.ts'
import type { ProcessFigures } from '../process-figures.ts'

/** Two brokers and what lies on the source. */
export interface Course {
  readonly source: LocalCluster
  readonly target: LocalCluster
  readonly topic: string
  readonly partitions: number
  readonly records: number
  readonly recordBytes: number
  readonly folder: string
}

export interface CatchUp {
  /** From the start of the first process to the first record on the target. */
  readonly firstRecordSeconds: number
  /** From there to the last record. */
  readonly copySeconds: number
  readonly bytes: number
  /** From the start of each process to the first record on the target, and to the last, by role. */
  readonly atFirst: Readonly<Record<string, ProcessFigures>>
  readonly atLast: Readonly<Record<string, ProcessFigures>>
}

const COPIED_WITHIN_MS = 540_000
const LOOK_EVERY_MS = 20

export const fillSource = async ({ source, topic, partitions, records, recordBytes }: Course): Promise<void> => {
  await createTopic(source, topic, partitions)
  const main = ['-Xmx512m', '-cp', `${await kafkaToolJars()}/*`, 'org.apache.kafka.tools.ProducerPerformance']
  const what = [
    '--topic',
    topic,
    '--num-records',
    String(records),
    '--record-size',
    String(recordBytes),
    '--throughput',
    '-1',
  ]
  const how = [
    '--bootstrap-server',
    source.bootstrapServers.join(','),
    '--command-property',
    'acks=all',
    'batch.size=262144',
    'linger.ms=10',
  ]
  await runProcess('java', [...main, ...what, ...how])
}

/** Lets one copier copy everything, once, into a topic of its own that is removed again. */
export const runCatchUp = async (copier: Copier, alias: string, course: Course): Promise<CatchUp> => {
  const { source, target, topic, partitions, records, recordBytes, folder } = course
  const targetTopic = copyOf(alias, topic)
  await createTopic(target, targetTopic, partitions)
  return withAdmin(target, async (admin) => {
    const untilThere = (least: number) =>
      eventually(`${least} records of ${targetTopic}`, async () => (await countRecords(admin, targetTopic)) >= least, {
        withinMs: COPIED_WITHIN_MS,
        everyMs: LOOK_EVERY_MS,
      })
    const began = performance.now()
    const running = await copier.start({ source, target, topic, targetTopic, alias, folder })
    try {
      await untilThere(1)
      const first = performance.now()
      const atFirst = running.figures()
      await untilThere(records)
      const last = performance.now()
      return {
        firstRecordSeconds: (first - began) / 1000,
        copySeconds: (last - first) / 1000,
        bytes: records * recordBytes,
        atFirst,
        atLast: running.figures(),
      }
    } finally {
      await running.stop()
      await dropTopic(target, targetTopic)
    }
  })
}
