import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOCAL_CREDENTIALS } from '../../local/aws/aws.ts'
import { endsOf } from '../../local/check/log-reader.ts'
import { ReadingGroup } from '../../local/check/reading-group.ts'
import { countedIds, judgeReading } from '../../local/check/reading-verdict.ts'
import { recordIds } from '../../local/check/record-ids.ts'
import { type RecordStream, startStream } from '../../local/corpus/record-stream.ts'
import { GroupCommitter } from '../../local/kafka/group-commits.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { connectGroupSync } from '../../shared/adapters/group-sync-connections.ts'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import type { TranslatedPartition } from '../../shared/usecases/groups/group-report.ts'
import { syncGroups } from '../../shared/usecases/groups/sync-groups.ts'
import { translateGroup } from '../../shared/usecases/groups/translate-group.ts'
import { inTime } from '../support/in-time.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigCluster } from '../support/rig-cluster.ts'
import type { RigLink } from '../support/rig-link.ts'
import { RIG_ACCOUNT, RIG_REGION } from '../support/rig-topology.ts'

const TOPIC = 'orders'
const PARTITIONS = [0, 1]
/** A group and how many records of each partition it leaves unread wherever it is. */
const LAGS: ReadonlyMap<string, bigint> = new Map([
  ['keeps-up', 0n],
  ['lags', 40n],
  ['lags-far', 200n],
])
const GROUPS = [...LAGS.keys()]
/** Partitions in which each group is: of what was written on a cluster, and of what came there. */
const PLACES = 2 * PARTITIONS.length
const MOVES = 6
const PACE = { batchesPerSecond: 20, recordsPerBatch: 10 }
const RECORDS_AT_FIRST = 800
const RECORDS_BETWEEN = 100
const READS_WITHIN_MS = 90_000
const MOVES_WITHIN_MS = 90_000
const TEST_WITHIN_MS = 240_000
const PLACE = { partition: 'aws', region: RIG_REGION, account: RIG_ACCOUNT }

/** One direction of the pair: a consumer that leaves its source goes on on its target. */
interface Direction {
  readonly link: RigLink
  readonly deps: ReturnType<typeof connectGroupSync>
}

let rig: Rig
let there: Direction
let back: Direction

beforeAll(async () => {
  rig = await startRig('moved-consumers')
  const links = [
    await rig.link({ name: 'there', topics: [TOPIC], naming: 'source.{topic}' }),
    await rig.link({ name: 'back', topics: [TOPIC], naming: 'target.{topic}', reverse: true }),
  ] as const
  Object.assign(process.env, { ...LOCAL_CREDENTIALS, AWS_ENDPOINT_URL_DYNAMODB: rig.stateEndpoint })
  const topology = { links: links.map(({ link }) => link) }
  const directionOf = (link: RigLink): Direction => ({
    link,
    deps: connectGroupSync(groupOrder(link.link, topology), PLACE),
  })
  ;[there, back] = [directionOf(links[0]), directionOf(links[1])]
  for (const link of links) {
    await link.source.createTopic(TOPIC, { partitions: PARTITIONS.length })
    await link.target.createTopic(link.targetTopic(TOPIC), { partitions: PARTITIONS.length })
    link.poll(TOPIC, { batchSize: 30 })
  }
}, 120_000)

afterAll(async () => {
  for (const direction of [there, back]) direction?.deps.close()
  await rig?.stop()
})

/** What was written on a cluster, and the replica of what was written on the other one. */
const topicsOn = (cluster: RigCluster): readonly string[] =>
  cluster === rig.source ? [TOPIC, back.link.targetTopic(TOPIC)] : [TOPIC, there.link.targetTopic(TOPIC)]

/** All that the consumers of a group ever got, wherever. */
const ledgers = new Map(GROUPS.map((group) => [group, [] as string[]]))

interface Stop {
  readonly topic: string
  readonly partition: number
  readonly at: bigint
}

/** What a group still has to read to be at its lag behind where the topics end now. */
const stopsOf = async (cluster: RigCluster, group: string, lag: bigint): Promise<readonly Stop[]> => {
  const committer = new GroupCommitter(cluster.cluster)
  try {
    const stops = topicsOn(cluster).map(async (topic) => {
      const standing = await committer.committed(group, topic)
      const ends = await endsOf(cluster.cluster, topic)
      const ofTopic = ends.map((end, partition) => ({ topic, partition, at: end - lag }))
      return ofTopic.filter(({ partition, at }) => at > (standing.get(partition) ?? 0n))
    })
    return (await Promise.all(stops)).flat()
  } finally {
    await committer.close()
  }
}

/** A consumer of the group joins, reads to its lag, commits and leaves. */
const visit = async (cluster: RigCluster, group: string, lag: bigint): Promise<void> => {
  const stops = await stopsOf(cluster, group, lag)
  const stopsAt = (topic: string, partition: number): bigint =>
    stops.find((stop) => stop.topic === topic && stop.partition === partition)?.at ?? 0n
  const reading = await ReadingGroup.join(cluster.cluster, { group, topics: topicsOn(cluster), stopsAt })
  const hasReached = ({ topic, partition, at }: Stop): boolean =>
    reading.seen.some((seen) => seen.topic === topic && seen.partition === partition && seen.offset === at - 1n)
  try {
    await eventually(`${group} to read to its lag`, () => stops.every(hasReached), { withinMs: READS_WITHIN_MS })
  } finally {
    ledgers.get(group)?.push(...(await reading.leave()).map(({ id }) => id))
  }
}

/** Passes until all that the groups have read is where they go, and their positions there say so. */
const move = async ({ deps }: Direction): Promise<void> => {
  const isMoved = async (): Promise<boolean> => {
    await syncGroups(inTime(), deps)
    const translations = await Promise.all(GROUPS.map((group) => translateGroup(group, inTime(), deps)))
    const isInStep = ({ kind, target, committed }: TranslatedPartition): boolean =>
      kind === 'echo' || (kind === 'exact' && target === committed)
    return translations.every(({ partitions }) => partitions.length === PLACES && partitions.every(isInStep))
  }
  await eventually('groups to be moved', isMoved, { withinMs: MOVES_WITHIN_MS, everyMs: 100 })
}

const written = async (streams: readonly RecordStream[], records: number): Promise<void> => {
  for (const stream of streams) {
    const goal = stream.written + records
    await eventually(`${goal} records to be written`, () => stream.written >= goal, { withinMs: READS_WITHIN_MS })
  }
}

/** Dies when a batch is on its target and no checkpoint says so, so that its records come there again. */
const killAfterAppend = async ({ link }: Direction): Promise<void> => {
  const deaths = link.fn.deaths
  await link.fn.killAt({ call: 'append', when: 'after' })
  await eventually(`the function of ${link.link.name} to die`, () => link.fn.deaths > deaths, {
    withinMs: READS_WITHIN_MS,
  })
}

/** On the clusters that they were replicated to. */
const replicatedIds = async (): Promise<readonly string[]> => {
  const ids = [there, back].map(({ link }) => recordIds(link.target.cluster, link.targetTopic(TOPIC)))
  return (await Promise.all(ids)).flat()
}

describe('consumers that move between two clusters again and again', () => {
  it(
    'read each record once and miss none, while both sides are written to and functions are killed',
    async () => {
      const streams = [rig.source, rig.target].map(({ cluster }, at) =>
        startStream(cluster, { topic: TOPIC, partitions: PARTITIONS, seed: at + 1, ...PACE }),
      )
      await written(streams, RECORDS_AT_FIRST)
      for (let count = 0; count < MOVES; count++) {
        const [direction, arriving] = count % 2 === 0 ? [there, back] : [back, there]
        const visits = Promise.all(GROUPS.map((group) => visit(direction.link.source, group, LAGS.get(group) ?? 0n)))
        await Promise.all([visits, killAfterAppend(count % 3 === 0 ? direction : arriving)])
        await written(streams, RECORDS_BETWEEN)
        await move(direction)
      }
      await Promise.all(streams.map((stream) => stream.stop()))
      for (const { link } of [there, back]) await link.caughtUp(TOPIC)
      await Promise.all(GROUPS.map((group) => visit(rig.source, group, 0n)))

      const sources = [rig.source, rig.target].map(({ cluster }) => recordIds(cluster, TOPIC))
      const all = new Set((await Promise.all(sources)).flat())
      const copied = countedIds(await replicatedIds())
      expect(there.link.fn.deaths + back.link.fn.deaths).toBe(MOVES)
      expect([...copied.values()].filter((count) => count > 1).length).toBeGreaterThan(0)
      for (const group of GROUPS) {
        const verdict = judgeReading(ledgers.get(group) ?? [], all, copied)
        expect({ group, ...verdict }).toEqual({ group, readTwice: 0, skipped: 0, strange: 0, copies: verdict.copies })
      }
    },
    TEST_WITHIN_MS,
  )
})
