import { setTimeout as pause } from 'node:timers/promises'
import { Arrivals } from '../../check/arrivals.ts'
import { createTopics } from '../../kafka/local-topics.ts'
import { none } from './checks.ts'
import type { Stage } from './scenario.ts'
import { appendOnce, ITEMS, ORDERS } from './shop-topics.ts'
import { firstRecord, untilArrived } from './topic-changes.ts'
import type { WatchedLink } from './watched-world.ts'

const ADDED = 20
const OTHERS = [ORDERS.name, ITEMS.name]
const CALM_MS = 4_000
/** What it may cost that twenty pollers, and more processes of the function, start beside the others on two cores. */
const SAME_PACE_MS = 2_000

export interface Added {
  readonly topics: readonly string[]
  readonly secondsToFirstRecord: number
  readonly longestGapMs: { readonly before: number; readonly meanwhile: number }
}

/** The others flow on: what their partitions feel is the longest time without an arrival. */
export const addTopics = (stage: Stage, link: WatchedLink): Promise<Added> =>
  stage.steps.show(`${ADDED} topics are added while the others flow`, async (say) => {
    const arrivals = OTHERS.map((name) => new Arrivals(link.target, link.targetTopic(name)))
    const longest = (from: number): number =>
      Math.round(Math.max(...arrivals.map((one) => one.longestGapMs(from, performance.now()))))
    const assigned = (): number => OTHERS.reduce((times, topic) => times + link.assignments(topic), 0)
    await Promise.all(arrivals.map((one) => one.watch()))
    try {
      say('measuring how they flow before')
      const calm = performance.now()
      await pause(CALM_MS)
      const [before, assignedBefore, began] = [longest(calm), assigned(), performance.now()]
      const added = await addMany(link)
      const longestGapMs = { before, meanwhile: longest(began) }
      judgeOthers(stage, longestGapMs, assigned() - assignedBefore)
      return { ...added, longestGapMs }
    } finally {
      await Promise.all(arrivals.map((one) => one.stop()))
    }
  })

const judgeOthers = (stage: Stage, { before, meanwhile }: Added['longestGapMs'], assignedAnew: number): void => {
  none(stage, 'times that the pollers of the others were given partitions anew', assignedAnew)
  stage.check('longest time without an arrival, of the partitions of the others', {
    held: meanwhile <= before + SAME_PACE_MS,
    measured: `${meanwhile} ms`,
    expected: `at most ${SAME_PACE_MS} ms more than before, ${before} ms`,
  })
}

/** One is timed; into the others records are written one after the other, or each would start a process of the function. */
const addMany = async (link: WatchedLink): Promise<Omit<Added, 'longestGapMs'>> => {
  const timed = 'shop.gifts'
  const secondsToFirstRecord = await firstRecord(link, timed, ({ sync }) => sync())
  const added = Array.from({ length: ADDED }, (_, at) => `shop.added-${at + 1}`)
  await createTopics(
    link.source,
    added.map((name) => ({ name, partitions: 1 })),
  )
  await link.sync()
  for (const topic of added) {
    await appendOnce(link.source, topic, 1, null)
    await untilArrived(link, topic)
  }
  return { topics: [timed, ...added], secondsToFirstRecord }
}
