import { checkReplication, untilReplicated } from '../../check/replication-check.ts'
import { startStream } from '../../corpus/record-stream.ts'
import { createTopics } from '../../kafka/local-topics.ts'
import { onePair } from '../../world/world-layout.ts'
import { judgeRecords, none, recordFigures } from './checks.ts'
import { type Consumers, LIVE, lagOf, MovedConsumers, ORDERS } from './moved-consumers.ts'
import type { Figures, Scenario, Stage } from './scenario.ts'
import { Traffic, written } from './traffic.ts'
import { untilInStep, type WatchedLink, watchWorld } from './watched-world.ts'

const LAYOUT = onePair([ORDERS.name], { batchWindowMs: 0 })
/** Of the stream that keeps coming, so that there is something to read after the move. */
const RECORDS_BEFORE_THE_END = 1_000
const FILL = { recordsPerBatch: 500, batchesPerSecond: 1_000 }

/** Consumers leave one cluster and go on on the other one, while producers do not stop. */
export const groups: Scenario = {
  name: 'groups',
  summary: 'consumers at several lags move to the other cluster under load, and read no record twice and miss none',
  async run(stage) {
    const traffic = new Traffic(stage.options.seed)
    const watched = await watchWorld(stage, LAYOUT)
    const link = watched.link('west-east')
    const consumers = new MovedConsumers(link, stage.options.records)
    try {
      await write(stage, link, traffic)
      return await moveAll(stage, { link, consumers, traffic })
    } finally {
      await consumers.close()
      await traffic.stop()
      watched.close()
    }
  },
}

const write = ({ steps, options }: Stage, link: WatchedLink, traffic: Traffic): Promise<void> =>
  steps.show(`${options.records} records are on the source, and more keep coming`, async (say) => {
    await createTopics(link.source, [ORDERS])
    await untilInStep(link, say)
    const { records, sizeBytes } = options
    const topic = { topic: ORDERS.name, partitions: [...Array(ORDERS.partitions).keys()], sizeBytes }
    const filler = startStream(link.source, { ...topic, ...FILL, seed: traffic.seed() })
    await written(filler, records)
    await filler.stop()
    traffic.add(startStream(link.source, { ...topic, seed: traffic.seed() }))
  })

interface Moving {
  readonly link: WatchedLink
  readonly consumers: MovedConsumers
  readonly traffic: Traffic
}

const moveAll = async (stage: Stage, { link, consumers, traffic }: Moving): Promise<Figures> => {
  const { steps } = stage
  await steps.show('consumers read on the source, commit at their lags, and leave', () => consumers.readOnSource())
  await steps.show('groups are moved, but for one that already has a member on the target', async () => {
    const { live } = await consumers.moveAround(LIVE)
    stage.check('positions, on the target, of the group that is live there', {
      held: live.positions === 0 && live.said === 'live',
      measured: `${live.positions}, because ${live.said}`,
      expected: '0, because live',
    })
  })
  await steps.show('its member leaves, and it is moved too', () => consumers.move(LIVE))
  await steps.show('all consumers go on on the target, and producers on the source', async () => {
    await consumers.startOnTarget()
    await traffic.untilWritten(RECORDS_BEFORE_THE_END)
  })
  await steps.show('producers stop, and everybody reads to the end', async (say) => {
    await traffic.stop()
    await untilReplicated({ ...link, topics: [ORDERS.name] }, say)
    await consumers.readToEnd()
  })
  return steps.show('what each consumer saw is compared with what was written', async () => {
    const checked = await checkReplication({ ...link, topics: [ORDERS.name] })
    judgeRecords(stage, checked)
    return { ...recordFigures(checked), ...(await judge(stage, consumers)) }
  })
}

const judge = async (stage: Stage, consumers: MovedConsumers): Promise<Figures> => {
  const verdicts = await consumers.judge()
  const all = Object.values(verdicts)
  const sum = (read: (verdict: Consumers[string]) => number): number => all.reduce((total, one) => total + read(one), 0)
  for (const [group, { readTwice, skipped, onSource, onTarget }] of Object.entries(verdicts)) {
    none(stage, `${group}: records read twice`, readTwice)
    none(stage, `${group}: records skipped`, skipped)
    stage.check(`${group}: records read on either side`, {
      held: onSource > 0 && onTarget > 0,
      measured: `${onSource} and ${onTarget}`,
      expected: 'some on each',
    })
  }
  none(
    stage,
    'records that nobody wrote',
    sum(({ strange }) => strange),
  )
  return {
    readAgain: Object.fromEntries(Object.entries(verdicts).map(([group, { readTwice }]) => [lagOf(group), readTwice])),
    groupsMoved: consumers.moved,
    readTwice: sum(({ readTwice }) => readTwice),
    skipped: sum(({ skipped }) => skipped),
  }
}
