import type { TailChoice } from '../../../shared/domain/failover/failover-input.ts'
import { eventually } from '../../machine/eventually.ts'
import { judgeEnding, stopBusiness } from './failover-judgement.ts'
import { runMachine } from './failover-planned.ts'
import { type FenceLook, FenceWatch } from './fence-watch.ts'
import { LostRegion, type PollerAnswers, pollAgain, throttleLink } from './lost-region.ts'
import { OwedToCluster } from './owed-to-cluster.ts'
import { type Business, followRights, measureLag, ORDERS, runBusiness, untilBusy } from './running-business.ts'
import { SampledLag } from './sampled-lag.ts'
import type { Figures, Stage } from './scenario.ts'
import type { EndedFailover } from './started-failover.ts'
import { type Aftermath, readableIds } from './unplanned-judgement.ts'
import { untilInStep } from './watched-world.ts'

/** So many are on the old cluster alone when it dies, at least. */
const STRANDED = 1_000
const WAITED_MS = 120_000
/** As long as a preflight wants a source to be silent before it believes that it is gone. */
const SILENT_MS = 30_000
/** The schedule comes every minute, and settles what each pass finds. */
const SETTLED_WITHIN_MS = 240_000
const REFUSALS = 3
const COMPARED = 'the ledgers of all clients are compared with both clusters, and with what was exported'

/** What shall become of the tail, and how that is seen. */
export interface UnplannedCourse {
  /** Absent: what the topology says. */
  readonly tail?: TailChoice
  /** Starts the brokers of west with all that they had, until nothing is owed to it any more; judges when all is over. */
  readonly settle: (stage: Stage, business: Business, returning: Returning) => Promise<Judge>
  /** What comes when all is judged. */
  readonly afterwards?: (stage: Stage, business: Business) => Promise<Figures>
}

type Judge = (aftermath: Aftermath) => Promise<Figures>

export interface Returning {
  readonly region: LostRegion
  readonly fence: FenceWatch
  readonly owed: OwedToCluster
}

/** The active cluster dies under load, the business goes on on the other one, and the old cluster comes back. */
export const runUnplanned = (stage: Stage, course: UnplannedCourse): Promise<Figures> =>
  runBusiness(stage, (business) => loseAndReturn(stage, business, course), { mayScrape: course.tail === 'scrape' })

const loseAndReturn = async (stage: Stage, business: Business, course: UnplannedCourse): Promise<Figures> => {
  const { steps } = stage
  const { forward, watched } = business
  const fence = new FenceWatch(watched.world, forward.link)
  const owed = new OwedToCluster(business.endpoint, forward.link)
  try {
    await steps.show('producers write and a group reads on west', () => untilBusy(business, 'west'))
    const { region, ended } = await loseAndFailOver(stage, business, course)
    await steps.show('producers write and the group reads on east', () => untilBusy(business, 'east'))
    const returning = { region, fence, owed }
    const owing = await regionAnswers(stage, business, returning)
    const judge = await course.settle(stage, business, returning)
    const settled = await fence.look()
    const answers = await pollersAgain(stage, business)
    await endBusiness(stage, business)
    const aftermath = { region, ended, owed, owing, settled, answers }
    const judged = await steps.show(COMPARED, async () => ({
      ...(await judge(aftermath)),
      ...judgeEnding(stage, ended, 'done'),
    }))
    return { ...judged, ...(await course.afterwards?.(stage, business)) }
  } finally {
    fence.close()
    owed.close()
  }
}

interface Lost {
  readonly region: LostRegion
  readonly ended: EndedFailover
}

const loseAndFailOver = async (
  stage: Stage,
  business: Business,
  { tail }: Pick<UnplannedCourse, 'tail'>,
): Promise<Lost> => {
  const { steps } = stage
  const { forward, watched, closed } = business
  const { world } = watched
  await steps.show('groups, topics and rights are in step', async (say) => {
    await untilInStep(forward, say)
    await followRights(business.endpoint, forward.link)
    await forward.moveGroups()
  })
  const throttle = throttleLink(world, forward)
  try {
    await steps.show('Lambda throttles the link: it falls behind while producers go on', () => fallBehind(business))
    const region = await steps.show('all brokers of west are killed, and its region is gone', async () => {
      closed.add('west')
      return await LostRegion.lose(world, world.source)
    })
    await steps.show('the lag canary hears nothing of west for half a minute', (say) => untilSilent(business, say))
    return { region, ended: await runMachine(stage, business, forward, 'unplanned', tail) }
  } finally {
    throttle.remove()
  }
}

const fallBehind = async (business: Business): Promise<void> => {
  const { written, forward } = business
  const before = written.on('west')
  const isBehind = (): boolean => written.on('west') - before >= STRANDED
  await eventually('the link to fall behind', isBehind, { withinMs: WAITED_MS })
  await measureLag(business, forward.link)
}

const untilSilent = async ({ watched, forward }: Business, say: (line: string) => void): Promise<void> => {
  const sampled = new SampledLag(watched.world, forward.link)
  const isSilent = async (): Promise<boolean> => {
    await sampled.sample()
    const { sourceUnreachableSince: since } = await sampled.status()
    const silentMs = since === undefined ? 0 : Date.now() - since
    say(`${Math.round(silentMs / 1_000)} s`)
    return silentMs >= SILENT_MS
  }
  try {
    await eventually('west to be silent', isSilent, { withinMs: WAITED_MS, everyMs: 1_000 })
  } finally {
    sampled.close()
  }
}

/** First its AWS, then its brokers: nobody who follows the pointer is sent to what is not fenced. */
const regionAnswers = ({ steps }: Stage, { pointers }: Business, { region, fence }: Returning): Promise<FenceLook> =>
  steps.show('the region of west answers again, its brokers not yet', async () => {
    region.answers()
    const looked = await eventually('a turn to look what is owed', () => lookAtDebts(fence), { withinMs: WAITED_MS })
    const isToldEverywhere = (): boolean => pointers.every(({ now }) => now.cluster === 'east')
    await eventually('clients in both regions to be told', isToldEverywhere, { withinMs: WAITED_MS })
    return looked
  })

const pollersAgain = async ({ steps }: Stage, { watched, forward, closed }: Business): Promise<PollerAnswers> => {
  closed.clear()
  return await steps.show('somebody switches the pollers of west-east on again', () =>
    pollAgain(watched.world, forward, async ({ refused, taken }) => {
      await eventually('its function to answer', () => refused.length + taken >= REFUSALS, { withinMs: WAITED_MS })
    }),
  )
}

/** Undefined while the schedule's pass has its turn. */
export const lookAtDebts = async (fence: FenceWatch): Promise<FenceLook | undefined> => {
  const looked = await fence.look()
  return looked.debts.length === 0 ? undefined : looked
}

export const untilSettled = async (owed: OwedToCluster, say: (line: string) => void): Promise<void> => {
  const isSettled = async (): Promise<boolean> => {
    const pending = await owed.pending()
    if (pending !== undefined) say(`owed: ${pending.owed.join(', ')}`)
    return pending === undefined
  }
  await eventually('what is owed to west to be settled', isSettled, { withinMs: SETTLED_WITHIN_MS, everyMs: 500 })
}

const endBusiness = async ({ steps }: Stage, business: Business): Promise<void> => {
  await steps.show('producers write and the group reads on east still', () => untilBusy(business, 'east'))
  await steps.show('producers stop, and everybody reads to the end', (say) =>
    stopBusiness(business, business.back, say, () => readableIds(business, ORDERS.name)),
  )
}
