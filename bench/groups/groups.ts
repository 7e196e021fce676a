import { startBenchCluster } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report } from '../bench-part.ts'
import { takeTurns } from '../contest-rounds.ts'
import { type Freshness, measureFreshness } from './freshness.ts'
import { type GroupTranslator, mirrorMakerTranslator } from './group-translator.ts'
import { type RereadResult, reportGroups } from './groups-report.ts'
import { NumberedTopic, type TopicKind } from './numbered-topic.ts'
import { type GroupCourse, type MovedLag, measureReread } from './reread.ts'

const PARTITIONS = 2
const LAGS = [0, 10, 1_000, 10_000, 100_000]

const SIZES = {
  full: { plain: 1_000_000, transactional: 300_000, rounds: 3, freshRounds: 3 },
  quick: { plain: 250_000, transactional: 50_000, rounds: 1, freshRounds: 1 },
}

type Sizes = (typeof SIZES)['full']

interface Contest {
  readonly course: GroupCourse
  readonly sizes: Sizes
}

/** Every round has a topic of its own, the same one for all. */
const contestKind = async (
  kind: TopicKind,
  translators: readonly GroupTranslator[],
  { course, sizes }: Contest,
): Promise<readonly RereadResult[]> => {
  const recordsOfPartition = sizes[kind] / PARTITIONS
  const lags = LAGS.filter((lag) => lag < recordsOfPartition)
  const rounds = new Map<string, (readonly MovedLag[])[]>(translators.map(({ name }) => [name, []]))
  for (let round = 0; round < sizes.rounds; round++) {
    const name = `${kind}${round}`
    course.say(`groups: filling the ${kind} topic with ${sizes[kind]} records`)
    const topic = await NumberedTopic.fill(course.source, { name, kind, partitions: PARTITIONS, recordsOfPartition })
    for (const [number, translator] of translators.entries()) {
      const moved = await measureReread(translator, { topic, alias: `move${number}${name}`, lags }, course)
      rounds.get(translator.name)?.push(moved)
      course.say(`groups: ${kind}, round ${round + 1}: ${translator.name}: ${told(moved)}`)
    }
  }
  return [...rounds].map(([contestant, all]) => ({ kind, contestant, rounds: all }))
}

const told = (moved: readonly MovedLag[]): string =>
  moved.map(({ lag, partitions }) => `${lag} → ${partitions.map(({ again }) => again).join('/')}`).join(', ')

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
    course.say(`groups: ${name}: ${fresh.first} s to the first commit, ${fresh.next} s to the next`)
    return fresh
  })
}

const run = async ({ folder, quick, say }: BenchOptions): Promise<Report> => {
  const sizes = quick ? SIZES.quick : SIZES.full
  say('groups: starting two brokers')
  await using resources = new AsyncDisposableStack()
  const source = await startBenchCluster('source', folder)
  resources.defer(() => source.stop())
  const target = await startBenchCluster('target', folder)
  resources.defer(() => target.stop())
  const contest = { course: { source, target, folder, say }, sizes }
  const translators = [mirrorMakerTranslator()]
  const rereads = [
    ...(await contestKind('plain', translators, contest)),
    ...(await contestKind('transactional', translators, contest)),
  ]
  const freshness = await contestFreshness(translators, contest)
  return reportGroups({ ours: 'twinshore', rereads, freshness }, translators)
}

export const groups: BenchPart = {
  name: 'groups',
  about: 'What groups read again after they were moved, and how soon they are, beside MirrorMaker 2',
  quickSizes: '250,000 and 50,000 records instead of 1,000,000 and 300,000, 1 round instead of 3',
  run,
}
