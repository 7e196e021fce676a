import type { ClusterAccess } from '../../check/broker-connections.ts'
import { type RecordView, readTopic } from '../../check/log-reader.ts'
import { type Checked, type CheckedLink, checkReplication, untilReplicated } from '../../check/replication-check.ts'
import { total } from '../../check/verdict.ts'
import { withoutOrigin, writerHeader, writtenOn } from '../../check/written-on.ts'
import { startStream } from '../../corpus/record-stream.ts'
import { createTopics, type LocalTopic } from '../../kafka/local-topics.ts'
import type { WorldLayout } from '../../world/world-layout.ts'
import { judgeRecords, none, recordFigures } from './checks.ts'
import { ECHOES, echo } from './header-echo.ts'
import type { Figures, Scenario, Stage } from './scenario.ts'
import { standStill } from './standstill.ts'
import { Traffic } from './traffic.ts'
import { untilInStep, type WatchedLink, type WatchedWorld, watchWorld } from './watched-world.ts'

const shared = { topics: ['orders', { pattern: 'customers\\..+' }], naming: 'identity', batchWindowMs: 0 } as const

const LAYOUT: WorldLayout = {
  clusters: { west: 'us-west-2', east: 'eu-west-1' },
  links: [
    { source: 'west', target: 'east', ...shared },
    { source: 'east', target: 'west', ...shared },
  ],
}

const ORDERS = { name: 'orders', partitions: 3 } satisfies LocalTopic
const CUSTOMERS = { name: 'customers.all', partitions: 2 } satisfies LocalTopic
const TOPICS = [ORDERS, CUSTOMERS]
const NAMES = TOPICS.map(({ name }) => name)
const RECORDS_OF_A_STREAM = 500

/** Both sides write to the same names, and neither gets its own back. */
export const activeActive: Scenario = {
  name: 'active-active',
  summary: 'two clusters that both write to the same topics: each record once on each side, and nothing goes round',
  async run(stage) {
    const traffic = new Traffic(stage.options.seed)
    const watched = await watchWorld(stage, LAYOUT)
    try {
      await prepare(stage, watched)
      const records = await writeOnBothSides(stage, watched, traffic)
      await echo(stage, watched.link('west-east'), ORDERS.name)
      await untilBothReplicated(stage, watched)
      await standStill(stage, watched.world)
      return await compare(stage, watched, records + ECHOES)
    } finally {
      await traffic.stop()
      watched.close()
    }
  },
}

const prepare = (stage: Stage, { links, link }: WatchedWorld): Promise<void> =>
  stage.steps.show('orders is made on one side, customers.all on both, and each follows', async (say) => {
    const { source, target } = link('west-east')
    await createTopics(source, [ORDERS, CUSTOMERS])
    await createTopics(target, [CUSTOMERS])
    for (const one of links) await untilInStep(one, say)
  })

/** As applications have them: twice the same name, none, and nothing in one. */
const ownHeaders = (cluster: string) => [
  { name: Buffer.from('trace'), value: Buffer.from('1') },
  { name: Buffer.from('trace'), value: null },
  writerHeader(cluster),
  { name: Buffer.alloc(0), value: Buffer.alloc(0) },
]

/** Says how many records it wrote on both sides together. */
const writeOnBothSides = (stage: Stage, { links }: WatchedWorld, traffic: Traffic): Promise<number> =>
  stage.steps.show('both sides write to the same topics at the same time', async () => {
    const streams = links.flatMap(({ source, link }) =>
      TOPICS.map(({ name: topic, partitions }) =>
        startStream(source, {
          ...{ topic, partitions: [...Array(partitions).keys()], seed: traffic.seed() },
          headers: ownHeaders(link.source.name),
        }),
      ),
    )
    for (const stream of streams) traffic.add(stream)
    await traffic.untilWritten(RECORDS_OF_A_STREAM)
    await traffic.stop()
    return streams.reduce((records, stream) => records + stream.written, 0)
  })

const untilBothReplicated = (stage: Stage, { links }: WatchedWorld): Promise<void> =>
  stage.steps.show('both directions are replicated', async (say) => {
    // The second time each has also seen what the other one brought.
    for (const link of [...links, ...links]) await untilReplicated({ ...link, topics: NAMES }, say)
  })

const compare = (stage: Stage, { links }: WatchedWorld, expected: number): Promise<Figures> =>
  stage.steps.show('both sides are read by raw fetches and compared', async () => {
    const verdicts: Checked[] = []
    for (const link of links) verdicts.push(await checkReplication(ofWriter(link)))
    const verdict = total(verdicts)
    judgeRecords(stage, verdict)
    const sizes = await Promise.all(links.map(({ source }) => count(source)))
    stage.check('records on either side', {
      held: sizes.every((size) => size === expected),
      measured: sizes.join(' and '),
      expected: `${expected} each`,
    })
    const strangers = await Promise.all(
      links.map(({ source, target, link }) => count(target, withoutOrigin(link.source.name, source.clusterId))),
    )
    none(
      stage,
      'copies that do not say where they come from',
      strangers.reduce((sum, one) => sum + one, 0),
    )
    return { ...recordFigures(verdict), looped: await checkLooped(stage, links) }
  })

/** What one link concerns of topics to which both sides write. */
const ofWriter = (watched: WatchedLink): CheckedLink => {
  const view = writtenOn(watched.link.source.name)
  return { ...watched, topics: NAMES, views: { source: view, target: view } }
}

const count = async (access: ClusterAccess, view?: RecordView): Promise<number> => {
  const logs = await Promise.all(NAMES.map((topic) => readTopic(access, topic, view)))
  return logs.flat().reduce((records, { size }) => records + size, 0)
}

/** Each record that came from the target is in the map as such, so that every source offset is accounted for. */
const checkLooped = async (stage: Stage, links: readonly WatchedLink[]): Promise<number> => {
  let [looped, cameBack] = [0n, 0]
  for (const { source, state, link } of links) {
    cameBack += await count(source, writtenOn(link.target.name))
    for (const { name: topic, partitions } of TOPICS)
      for (let partition = 0; partition < partitions; partition++)
        looped += await state.loopedOffsets({ topic, partition })
  }
  stage.check('source offsets that the maps call looped', {
    held: looped > 0n && looped === BigInt(cameBack),
    measured: looped,
    expected: `${cameBack}, as many as came from the other side`,
  })
  return Number(looped)
}
