import { checkReplication, untilReplicated } from '../../check/replication-check.ts'
import { total } from '../../check/verdict.ts'
import { startStream } from '../../corpus/record-stream.ts'
import { judgeRecords, recordFigures } from './checks.ts'
import type { Figures, Scenario, Stage } from './scenario.ts'
import { CARTS, ITEMS, ORDERS, PRICES, SHOP_LAYOUT } from './shop-topics.ts'
import { type Added, addTopics } from './topic-additions.ts'
import { bySchedule, changeMidStream, followTopics, planFirst, SCHEDULED } from './topic-changes.ts'
import { type Lives, recreate } from './topic-lives.ts'
import { Traffic } from './traffic.ts'
import { type WatchedLink, watchWorld } from './watched-world.ts'

/** What an operator does on the source, and nothing else, shows on the target. */
export const topics: Scenario = {
  name: 'topics',
  summary: 'topics found by a pattern follow their source: made, set, grown, added by the dozen, made again, compacted',
  async run(stage) {
    const traffic = new Traffic(stage.options.seed)
    const watched = await watchWorld(stage, SHOP_LAYOUT)
    try {
      return await changeEverything(stage, watched.link('west-east'), traffic)
    } finally {
      await traffic.stop()
      watched.close()
    }
  },
}

const changeEverything = async (stage: Stage, link: WatchedLink, traffic: Traffic): Promise<Figures> => {
  await planFirst(stage, link)
  for (const { name: topic, partitions } of [ORDERS, ITEMS])
    traffic.add(startStream(link.source, { topic, partitions: [...Array(partitions).keys()], seed: traffic.seed() }))
  await followTopics(stage, link)
  const added = await addTopics(stage, link)
  await changeMidStream(stage, link, traffic)
  const lives = await recreate(stage, link, traffic)
  const scheduled = await bySchedule(stage, link, traffic)
  return { ...(await compare(stage, link, added, lives)), ...figures(added), secondsToFirstRecordBySchedule: scheduled }
}

const compare = (stage: Stage, link: WatchedLink, { topics: added }: Added, lives: Lives): Promise<Figures> =>
  stage.steps.show('both sides are read by raw fetches and compared', async (say) => {
    const others = { ...link, topics: [ORDERS.name, ITEMS.name, PRICES.name, SCHEDULED, ...added] }
    const carts = { ...link, topics: [CARTS.name], views: lives.later }
    await untilReplicated({ ...link, topics: [...others.topics, CARTS.name] }, say)
    const [earlier, later] = [await lives.judgeEarlier(), await checkReplication(carts)]
    const verdict = total([await checkReplication(others), earlier, later])
    judgeRecords(stage, verdict)
    stage.check('records of the topic that was made again, of both its lives, on the target', {
      held: earlier.records > 0 && later.records > 0 && earlier.lost + later.lost === 0,
      measured: `${earlier.records - earlier.lost} and ${later.records - later.lost}`,
      expected: `${earlier.records} and ${later.records}`,
    })
    return recordFigures(verdict)
  })

const figures = ({ topics: added, secondsToFirstRecord, longestGapMs }: Added): Figures => ({
  topicsAdded: added.length,
  secondsToFirstRecord: Number(secondsToFirstRecord.toFixed(2)),
  longestGapMs,
})
