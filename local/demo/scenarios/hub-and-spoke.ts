import { type Checked, checkReplication, untilReplicated } from '../../check/replication-check.ts'
import { total } from '../../check/verdict.ts'
import { startStream } from '../../corpus/record-stream.ts'
import { createTopics, type LocalTopic, topicNames } from '../../kafka/local-topics.ts'
import type { WorldLayout } from '../../world/world-layout.ts'
import { judgeRecords, recordFigures } from './checks.ts'
import type { Figures, Scenario, Stage } from './scenario.ts'
import { standStill } from './standstill.ts'
import { Traffic } from './traffic.ts'
import { untilInStep, type WatchedLink, type WatchedWorld, watchWorld } from './watched-world.ts'

const toHub = { target: 'hub', topics: [{ pattern: '.+' }], batchWindowMs: 0 } as const
const fromHub = { source: 'hub', topics: [{ pattern: 'catalog\\..+' }], naming: 'identity', batchWindowMs: 0 } as const

const LAYOUT: WorldLayout = {
  clusters: { ohio: 'us-east-2', hub: 'us-east-1', dublin: 'eu-west-1' },
  links: [
    { source: 'ohio', ...toHub },
    { source: 'dublin', ...toHub },
    { ...fromHub, target: 'ohio' },
    { ...fromHub, target: 'dublin' },
  ],
}

/** What each cluster has of its own. */
const OWN: Readonly<Record<string, readonly LocalTopic[]>> = {
  ohio: [{ name: 'orders', partitions: 2 }],
  dublin: [
    { name: 'orders', partitions: 3 },
    { name: 'hub.orders', partitions: 1 }, // looks as if it came from the hub, and does not
  ],
  hub: [{ name: 'catalog.prices', partitions: 2 }],
}

/** What each shall have in the end. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  ohio: ['catalog.prices', 'orders'],
  dublin: ['catalog.prices', 'hub.orders', 'orders'],
  hub: ['catalog.prices', 'dublin.hub.orders', 'dublin.orders', 'ohio.orders'],
}

const RECORDS_OF_A_STREAM = 500

/** The hub gets everything of every spoke under a name that tells whose it is, and gives every spoke what is its own. */
export const hubAndSpoke: Scenario = {
  name: 'hub-and-spoke',
  summary: 'two spokes and a hub: all of the spokes on the hub under their names, its own on every spoke, no way back',
  async run(stage) {
    const traffic = new Traffic(stage.options.seed)
    const watched = await watchWorld(stage, LAYOUT)
    try {
      await write(stage, watched, traffic)
      await follow(stage, watched)
      await untilAllReplicated(stage, watched, traffic)
      await standStill(stage, watched.world)
      await checkTopics(stage, watched)
      return await compare(stage, watched)
    } finally {
      await traffic.stop()
      watched.close()
    }
  },
}

const write = (stage: Stage, { world }: WatchedWorld, traffic: Traffic): Promise<void> =>
  stage.steps.show('every cluster makes and writes topics of its own', async () => {
    for (const [name, cluster] of world.clusters) {
      await createTopics(cluster, OWN[name] ?? [])
      for (const { name: topic, partitions } of OWN[name] ?? []) {
        const stream = { topic, partitions: [...Array(partitions).keys()], seed: traffic.seed() }
        traffic.add(startStream(cluster, stream))
      }
    }
  })

const follow = (stage: Stage, { links }: WatchedWorld): Promise<void> =>
  stage.steps.show('all links bring their topics in step', async (say) => {
    // The second time each has also seen what the others made.
    for (const link of [...links, ...links]) await untilInStep(link, say)
  })

/** Topics of the source that the link replicates. */
const topicsOf = ({ link }: WatchedLink): string[] => (OWN[link.source.name] ?? []).map(({ name }) => name)

const untilAllReplicated = (stage: Stage, { links }: WatchedWorld, traffic: Traffic): Promise<void> =>
  stage.steps.show('all links replicate', async (say) => {
    await traffic.untilWritten(RECORDS_OF_A_STREAM)
    await traffic.stop()
    for (const link of links) await untilReplicated({ ...link, topics: topicsOf(link) }, say)
  })

const checkTopics = async (stage: Stage, { world, link }: WatchedWorld): Promise<void> => {
  const { leftOut } = await link('ohio-hub').plan()
  const because = leftOut.find(({ topic }) => topic === 'catalog.prices')?.because
  stage.check('why the topic of the hub does not go back to it', {
    held: because === 'would-loop',
    measured: because,
    expected: 'would-loop',
  })
  for (const [name, cluster] of world.clusters) {
    const there = (await topicNames(cluster)).filter((topic) => !topic.startsWith('__')).sort()
    const expected = EXPECTED[name] ?? []
    stage.check(`topics on ${name}`, {
      held: there.join() === expected.join(),
      measured: there.join(', '),
      expected: expected.join(', '),
    })
  }
}

const compare = (stage: Stage, { links }: WatchedWorld): Promise<Figures> =>
  stage.steps.show('all sides are read by raw fetches and compared', async () => {
    const checked: Checked[] = []
    for (const link of links) checked.push(await checkReplication({ ...link, topics: topicsOf(link) }))
    const verdict = total(checked)
    judgeRecords(stage, verdict)
    const perLink = links.map(({ link }, at) => [link.name, checked[at]?.records ?? 0])
    return { ...recordFigures(verdict), recordsPerLink: Object.fromEntries(perLink) }
  })
