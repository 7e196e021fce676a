import { startBenchCluster } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report } from '../bench-part.ts'
import { takeTurns } from '../contest-rounds.ts'
import { startDynamoDbLocal } from '../dynamodb-local.ts'
import { bundleReplicator } from '../replicator-bundle.ts'
import { formatFigure } from '../spread.ts'
import { type Appearance, runAppearance } from './appearance.ts'
import { mirrorMakerFollower, twinshoreFollower } from './follower.ts'
import { measureScale, type Scale, type ScalePlace } from './scale.ts'
import { reportTopics } from './topics-report.ts'

const SIZES = {
  full: { topics: [10, 100, 1_000], steadyPasses: 10, rounds: 5, patient: true },
  quick: { topics: [10, 100, 1_000], steadyPasses: 3, rounds: 2, patient: false },
}

const APPEARS_WITHIN_MS = 120_000
/** MirrorMaker looks for topics every ten minutes unless it is told otherwise. */
const PATIENTLY_WITHIN_MS = 660_000

const measureScales = async (place: ScalePlace, { quick, say }: BenchOptions): Promise<readonly Scale[]> => {
  const { topics, steadyPasses } = quick ? SIZES.quick : SIZES.full
  const scales: Scale[] = []
  for (const count of topics) {
    const scale = await measureScale(count, steadyPasses, place)
    const [pass] = scale.steady.passes
    say(`topics: ${count} topics: ${formatFigure(pass?.seconds ?? 0)} s a pass with nothing to do`)
    scales.push(scale)
  }
  return scales
}

const run = async (options: BenchOptions): Promise<Report> => {
  const { folder, quick, say } = options
  const { rounds, patient } = quick ? SIZES.quick : SIZES.full
  say('topics: bundling the function, starting two brokers and DynamoDB Local')
  await using resources = new AsyncDisposableStack()
  const bundle = await bundleReplicator(folder)
  const source = await startBenchCluster('source', folder)
  resources.defer(() => source.stop())
  const target = await startBenchCluster('target', folder)
  resources.defer(() => target.stop())
  const state = await startDynamoDbLocal(folder)
  resources.defer(() => state.stop())

  const parts = { bundle, state }
  const quickOnes = [
    twinshoreFollower('apply', parts),
    mirrorMakerFollower(5),
    twinshoreFollower('every minute', parts),
  ]
  const followers = patient ? [...quickOnes, mirrorMakerFollower(undefined)] : quickOnes
  const names = followers.map(({ name }) => name)
  const appearances = await takeTurns(names, rounds, async (name, round): Promise<Appearance> => {
    const number = names.indexOf(name)
    const follower = followers[number]
    if (follower === undefined) throw new RangeError(`there is no follower ${name}`)
    const task = { source, target, alias: `follow${number}r${round}`, folder }
    const result = await runAppearance(
      follower,
      task,
      number < quickOnes.length ? APPEARS_WITHIN_MS : PATIENTLY_WITHIN_MS,
    )
    const { firstRecordSeconds, gapMeanwhileMs } = result
    const seen = firstRecordSeconds === undefined ? 'none in time' : `${formatFigure(firstRecordSeconds)} s`
    say(
      `topics: round ${round + 1} of ${rounds}: ${name}: first record ${seen}, gap ${formatFigure(gapMeanwhileMs)} ms`,
    )
    return result
  })
  const scales = await measureScales({ source, target, state }, options)
  return reportTopics(scales, appearances, followers)
}

export const topics: BenchPart = {
  name: 'topics',
  about: 'Keeping a thousand topics in step, and how soon a new topic appears, beside MirrorMaker 2',
  quickSizes: '2 rounds instead of 5, 3 passes with nothing to do instead of 10, without MirrorMaker 2’s defaults',
  run,
}
