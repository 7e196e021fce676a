import { join } from 'node:path'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { tableName } from '../../shared/domain/link-names.ts'
import { withAdmin } from '../bench-cluster.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import { runMeasured } from '../measured-process.ts'
import { benchOrder } from './bench-link.ts'
import { startMappingService } from './mapping-service.ts'
import type { PassJob, RunnerFigures } from './pass-runner.ts'

export const PARTITIONS = 6

export interface ScalePlace {
  readonly source: LocalCluster
  readonly target: LocalCluster
  readonly state: DynamoDbLocal
}

export interface Scale {
  readonly topics: number
  readonly makingSeconds: number
  /** From an empty target until there was nothing to do. */
  readonly first: RunnerFigures
  /** With nothing to do. */
  readonly steady: RunnerFigures
}

const RUNNER = join(import.meta.dirname, 'pass-runner.ts')
const LISTED_WITHIN_MS = 300_000
const LOOK_EVERY_MS = 1_000
/** As the deployed function is given its memory. */
const NODE_OPTIONS = ['--max-old-space-size=400']
const SETTINGS = { 'retention.ms': '86400000', 'segment.bytes': '1048576' }

/** Topics of a name that only this link looks for, made in one go. */
const fill = async ({ source }: ScalePlace, topics: number): Promise<number> => {
  const began = performance.now()
  const names = Array.from({ length: topics }, (_, at) => `scale${topics}-${at}`)
  await createTopics(
    source,
    names.map((name) => ({ name, partitions: PARTITIONS, settings: SETTINGS })),
  )
  const listed = (): Promise<boolean> =>
    withAdmin(source, async (admin) => {
      const there = new Set(await admin.listTopics())
      return names.every((name) => there.has(name))
    })
  await eventually(`${topics} topics to be listed`, listed, { withinMs: LISTED_WITHIN_MS, everyMs: LOOK_EVERY_MS })
  return (performance.now() - began) / 1000
}

/** One link over so many topics: until it is in step, and then with nothing to do, each in a fresh process. */
export const measureScale = async (topics: number, steadyPasses: number, place: ScalePlace): Promise<Scale> => {
  const { source, target, state } = place
  const makingSeconds = await fill(place, topics)
  const order = benchOrder({
    name: `scale${topics}`,
    source,
    target,
    topics: [new RegExp(`scale${topics}-.*`)],
    naming: `copy.{topic}`,
  })
  await state.createTable(tableName(order.link))
  const mappings = await startMappingService()
  try {
    const environment = { ...state.environment, AWS_ENDPOINT_URL_LAMBDA: mappings.url }
    const run = (passes: PassJob['passes']): Promise<RunnerFigures> =>
      runMeasured<RunnerFigures>(RUNNER, { order: JSON.stringify(order), passes, environment }, NODE_OPTIONS)
    return { topics, makingSeconds, first: await run('until-in-step'), steady: await run(steadyPasses) }
  } finally {
    await mappings.stop()
  }
}
