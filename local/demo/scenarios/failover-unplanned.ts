import { eventually } from '../../machine/eventually.ts'
import { judgeEnding, stopBusiness } from './failover-judgement.ts'
import { runMachine } from './failover-planned.ts'
import { type FenceLook, FenceWatch } from './fence-watch.ts'
import { LostRegion, pollAgain, throttleLink } from './lost-region.ts'
import { OwedToCluster } from './owed-to-cluster.ts'
import { type Business, followRights, measureLag, ORDERS, runBusiness, untilBusy } from './running-business.ts'
import { SampledLag } from './sampled-lag.ts'
import type { Figures, Scenario, Stage } from './scenario.ts'
import type { EndedFailover } from './started-failover.ts'
import { type Aftermath, judgeAftermath, readableIds } from './unplanned-judgement.ts'
import { untilInStep } from './watched-world.ts'

/** So many are on the old cluster alone when it dies, at least. */
const STRANDED = 1_000
const WAITED_MS = 120_000
/** As long as a preflight wants a source to be silent before it believes that it is gone. */
const SILENT_MS = 30_000
/** The schedule comes every minute, and settles what each pass finds. */
const SETTLED_WITHIN_MS = 240_000
const REFUSALS = 3

/** The active cluster dies under load, the business goes on on the other one, and the old cluster comes back. */
export const failoverUnplanned: Scenario = {
  name: 'failover-unplanned',
  summary: 'the active cluster is killed under load: what is lost is told exactly, and kept once it comes back',
  run: (stage) =>
    runBusiness(stage, async (business) => {
      const { steps } = stage
      const { forward } = business
      const fence = new FenceWatch(business.watched.world, forward.link)
      const owed = new OwedToCluster(business.endpoint, forward.link)
      try {
        await steps.show('producers write and a group reads on west', () => untilBusy(business, 'west'))
        const { region, ended } = await loseAndFailOver(stage, business)
        await steps.show('producers write and the group reads on east', () => untilBusy(business, 'east'))
        const returned = await comeBack(stage, business, { region, fence, owed })
        return await endAndJudge(stage, business, { ...returned, region, ended, owed })
      } finally {
        fence.close()
        owed.close()
      }
    }),
}

interface Lost {
  readonly region: LostRegion
  readonly ended: EndedFailover
}

const loseAndFailOver = async (stage: Stage, business: Business): Promise<Lost> => {
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
    return { region, ended: await runMachine(stage, business, forward, 'unplanned') }
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

interface Return {
  readonly region: LostRegion
  readonly fence: FenceWatch
  readonly owed: OwedToCluster
}

type Returned = Pick<Aftermath, 'owing' | 'settled' | 'answers'>

/** First its AWS, then its brokers: nobody who follows the pointer is sent to what is not fenced. */
const comeBack = async (stage: Stage, business: Business, { region, fence, owed }: Return): Promise<Returned> => {
  const { steps } = stage
  const { forward, watched, pointers, closed } = business
  const owing = await steps.show('the region of west answers again, its brokers not yet', async () => {
    region.answers()
    const looked = await eventually('a turn to look what is owed', () => lookAtDebts(fence), { withinMs: WAITED_MS })
    const isToldEverywhere = (): boolean => pointers.every(({ now }) => now.cluster === 'east')
    await eventually('clients in both regions to be told', isToldEverywhere, { withinMs: WAITED_MS })
    return looked
  })
  const settled = await steps.show(
    'west is started with its old data, and the schedule settles the rest',
    async (say) => {
      await region.starts()
      await untilSettled(owed, say)
      return await fence.look()
    },
  )
  closed.clear()
  const answers = await steps.show('somebody switches the pollers of west-east on again', () =>
    pollAgain(watched.world, forward, async ({ refused, taken }) => {
      await eventually('its function to answer', () => refused.length + taken >= REFUSALS, { withinMs: WAITED_MS })
    }),
  )
  return { owing, settled, answers }
}

/** Undefined while the schedule's pass has its turn. */
const lookAtDebts = async (fence: FenceWatch): Promise<FenceLook | undefined> => {
  const looked = await fence.look()
  return looked.debts.length === 0 ? undefined : looked
}

const untilSettled = async (owed: OwedToCluster, say: (line: string) => void): Promise<void> => {
  const isSettled = async (): Promise<boolean> => {
    const pending = await owed.pending()
    if (pending !== undefined) say(`owed: ${pending.owed.join(', ')}`)
    return pending === undefined
  }
  await eventually('what is owed to west to be settled', isSettled, { withinMs: SETTLED_WITHIN_MS, everyMs: 500 })
}

const endAndJudge = async (stage: Stage, business: Business, aftermath: Aftermath): Promise<Figures> => {
  const { steps } = stage
  await steps.show('producers write and the group reads on east still', () => untilBusy(business, 'east'))
  await steps.show('producers stop, and everybody reads to the end', (say) =>
    stopBusiness(business, business.back, say, () => readableIds(business, ORDERS.name)),
  )
  return steps.show(
    'the ledgers of all clients are compared with both clusters, and with what was exported',
    async () => ({
      ...(await judgeAftermath(stage, business, aftermath)),
      ...judgeEnding(stage, aftermath.ended, 'done'),
    }),
  )
}
