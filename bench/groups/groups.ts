import { createTopic, startBenchCluster } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report } from '../bench-part.ts'
import { takeTurns } from '../contest-rounds.ts'
import { startDynamoDbLocal } from '../dynamodb-local.ts'
import { bundleReplicator } from '../replicator-bundle.ts'
import { formatFigure } from '../spread.ts'
import { type Freshness, measureFreshness } from './freshness.ts'
import { copyScaleTopics, type GroupScale, measureGroupScale } from './group-scale.ts'
import {
  type GroupTranslator,
  mirrorMakerTranslator,
  type TwinshoreParts,
  twinshoreTranslator,
} from './group-translator.ts'
import { type RereadResult, reportGroups } from './groups-report.ts'
import { isExact, type MovedLag } from './moved-lag.ts'
import { NumberedTopic, type TopicKind } from './numbered-topic.ts'
import { type GroupCourse, measureReread } from './reread.ts'

const PARTITIONS = 2
const LAGS = [0, 10, 1_000, 10_000, 100_000]

const SIZES = {
  full: { plain: 1_000_000, transactional: 300_000, rounds: 3, freshRounds: 3, groups: [50, 500] },
  quick: { plain: 250_000, transactional: 50_000, rounds: 1, freshRounds: 1, groups: [50, 500] },
}

type Sizes = (typeof SIZES)['full']

interface Contest {
  readonly course: GroupCourse
  readonly sizes: Sizes
}

interface Contestants {
  readonly ours: GroupTranslator
  readonly theirs: GroupTranslator
}

/** Every round has a topic of its own, the same one for both. */
const contestKind = async (
  kind: TopicKind,
  { ours, theirs }: Contestants,
  { course, sizes }: Contest,
): Promise<readonly RereadResult[]> => {
  const recordsOfPartition = sizes[kind] / PARTITIONS
  const lags = LAGS.filter((lag) => lag < recordsOfPartition)
  const translators = [ours, theirs]
  const rounds = new Map<string, (readonly MovedLag[])[]>(translators.map(({ name }) => [name, []]))
  for (let round = 0; round < sizes.rounds; round++) {
    const name = `${kind}${round}`
    course.say(`groups: filling the ${kind} topic with ${sizes[kind]} records`)
    await createTopic(course.source, name, PARTITIONS)
    const topic = await NumberedTopic.fill(course.source, { name, kind, partitions: PARTITIONS, recordsOfPartition })
    for (const [number, translator] of translators.entries()) {
      const moved = await measureReread(translator, { topic, alias: `move${number}${name}`, lags }, course)
      rounds.get(translator.name)?.push(moved)
      course.say(`groups: ${kind}, round ${round + 1}: ${translator.name}: ${told(moved)}`)
      if (translator === ours) refuseInexact(ours.name, kind, moved)
    }
  }
  return [...rounds].map(([contestant, all]) => ({ kind, contestant, rounds: all }))
}

const told = (moved: readonly MovedLag[]): string =>
  moved.map(({ lag, partitions }) => `${lag} → ${partitions.map(({ again }) => again).join('/')}`).join(', ')

const seen = (seconds: number | undefined): string =>
  seconds === undefined ? 'not in time' : `${formatFigure(seconds)} s`

const contestFreshness = async (
  translators: readonly GroupTranslator[],
  { course, sizes }: Contest,
): Promise<ReadonlyMap<string, readonly Freshness[]>> => {
  const names = translators.map(({ name }) => name)
  return takeTurns(names, sizes.freshRounds, async (name, round) => {
    const number = names.indexOf(name)
    const translator = translators[number]
    if (translator === undefined) throw new RangeError(`there is no contestant ${name}`)
    const fresh = await measureFreshness(translator, `fresh${number}r${round}`, course)
    course.say(`groups: ${name}: first commit ${seen(fresh.first)}, the next ${seen(fresh.next)}`)
    return fresh
  })
}

/** Whoever was moved by us reads nothing again and misses nothing; with anything else this part has failed. */
const refuseInexact = (name: string, kind: TopicKind, moved: readonly MovedLag[]): void => {
  if (isExact(moved)) return
  throw new Error(`moving groups of the ${kind} topic by ${name}: not exact, ${JSON.stringify(moved)}`)
}

const measureScales = async (
  course: GroupCourse,
  parts: TwinshoreParts,
  sizes: Sizes,
): Promise<readonly GroupScale[]> => {
  course.say('groups: filling and copying the topics of many groups')
  const topics = await copyScaleTopics('many', course, parts)
  const scales: GroupScale[] = []
  for (const count of sizes.groups) {
    const scale = await measureGroupScale(count, topics, course, parts)
    course.say(
      `groups: ${count} groups: ${formatFigure(scale.first.seconds)} s, with nothing to do ${formatFigure(scale.steady.seconds)} s`,
    )
    scales.push(scale)
  }
  return scales
}

const run = async ({ folder, quick, say }: BenchOptions): Promise<Report> => {
  const sizes = quick ? SIZES.quick : SIZES.full
  say('groups: bundling the function, starting two brokers and DynamoDB Local')
  await using resources = new AsyncDisposableStack()
  const bundle = await bundleReplicator(folder)
  const source = await startBenchCluster('source', folder)
  resources.defer(() => source.stop())
  const target = await startBenchCluster('target', folder)
  resources.defer(() => target.stop())
  const state = await startDynamoDbLocal(folder)
  resources.defer(() => state.stop())

  const [course, parts] = [
    { source, target, folder, say },
    { bundle, state },
  ]
  const contest = { course, sizes }
  const [ours, theirs] = [twinshoreTranslator('apply', parts), mirrorMakerTranslator()]
  const rereads = [
    ...(await contestKind('plain', { ours, theirs }, contest)),
    ...(await contestKind('transactional', { ours, theirs }, contest)),
  ]
  const scales = await measureScales(course, parts, sizes)
  const translators = [ours, theirs, twinshoreTranslator('every minute', parts)]
  const freshness = await contestFreshness(translators, contest)
  return reportGroups({ ours: ours.name, rereads, freshness, scales }, translators)
}

export const groups: BenchPart = {
  name: 'groups',
  about: 'What groups read again after they were moved, how soon they are, and 500 of them, beside MirrorMaker 2',
  quickSizes: '250,000 and 50,000 records instead of 1,000,000 and 300,000, 1 round instead of 3',
  run,
}
