import { endsOf } from '../../check/log-reader.ts'
import { eventually } from '../../machine/eventually.ts'
import { none } from './checks.ts'
import { judgeBusiness, judgeReport, stopBusiness } from './failover-judgement.ts'
import { failOver } from './failover-planned.ts'
import type { FenceLook } from './fence-watch.ts'
import { refuseTails } from './lost-region.ts'
import { type EmptiedCluster, judgeRefill, judgeSame } from './refill-judgement.ts'
import { type Business, ORDERS, untilBusy, withClients } from './running-business.ts'
import type { Figures, Scenario, Stage } from './scenario.ts'
import type { EndedFailover } from './started-failover.ts'
import { lyingRecords, missingFrom } from './tail-judgement.ts'
import { lookAtDebts, type Returning, runUnplanned, untilSettled } from './unplanned-course.ts'
import { judgeAftermath } from './unplanned-judgement.ts'

const FAILED_WITHIN_MS = 120_000
/** Added to the seed. */
const OTHER_RECORDS = 100

/** What the lost cluster alone had is kept, and deleted there: then it is filled again with all that the new one has. */
export const failoverScrape: Scenario = {
  name: 'failover-scrape',
  summary:
    'the same, but the lost cluster is emptied and filled again: both have the same records in one order; and back',
  run: (stage) =>
    runUnplanned(stage, {
      tail: 'scrape',
      settle: async ({ steps }, business, returning) => {
        const before = await steps.show('west is started with its old data, but S3 takes nothing of its tail', () =>
          startWithoutS3(stage, business, returning),
        )
        await steps.show('S3 takes it: the schedule keeps the tail, empties west and begins to fill it again', (say) =>
          untilSettled(returning.owed, say),
        )
        return async (aftermath) => ({
          ...(await judgeAftermath(stage, business, aftermath, before.records)),
          ...(await judgeRefill(stage, business, before)),
        })
      },
      afterwards: goHome,
    }),
}

/** All that lies on west before anything of it is deleted; nothing may be, as long as it is not kept. */
const startWithoutS3 = async (stage: Stage, business: Business, returning: Returning): Promise<EmptiedCluster> => {
  const { source: west } = business.watched.world
  const refusing = refuseTails(business.watched.world)
  try {
    await returning.region.starts()
    const { debts } = await eventually('a pass to fail to keep the tail', () => failedPass(returning), {
      withinMs: FAILED_WITHIN_MS,
    })
    const before = { records: await lyingRecords(west, ORDERS.name), ends: await endsOf(west, ORDERS.name) }
    judgeUnkept(stage, business, debts, before)
    return before
  } finally {
    refusing.remove()
  }
}

const failedPass = async ({ fence }: Returning): Promise<FenceLook | undefined> => {
  const looked = await lookAtDebts(fence)
  return looked?.debts.some(({ debt, outcome }) => debt === 'tail' && outcome === 'failed') ? looked : undefined
}

const judgeUnkept = (
  stage: Stage,
  { written }: Business,
  debts: FenceLook['debts'],
  { records }: EmptiedCluster,
): void => {
  const acknowledged = [...written.places('west').keys()]
  none(
    stage,
    'acknowledged records of west that were gone before its tail was kept',
    missingFrom(records, acknowledged),
  )
  const open = debts.filter(({ outcome }) => outcome !== 'done').map(({ debt, outcome }) => `${debt} ${outcome}`)
  stage.check('what was owed to west meanwhile', {
    held: open.join() === 'tail failed,reverse waits',
    measured: open.join(', '),
    expected: 'tail failed, reverse waits',
  })
}

/** Other producers, and the same group: it goes home to the record that it has not read. */
const goHome = (stage: Stage, pair: Business): Promise<Figures> =>
  withClients(stage, pair, { active: 'east', seed: stage.options.seed + OTHER_RECORDS }, async (business) => {
    const { steps } = stage
    const { forward, back } = business
    await steps.show('other producers write and the group reads on east', () => untilBusy(business, 'east'))
    const ended = await failOver(stage, business, back, 'failback')
    await steps.show('producers write and the group reads on west', () => untilBusy(business, 'west'))
    await steps.show('producers stop, and everybody reads to the end again', (say) =>
      stopBusiness(business, forward, say),
    )
    return await steps.show('both clusters are compared again', async () => ({
      wayBack: await judgeWayBack(onTheWayBack(stage), business, ended),
    }))
  })

const onTheWayBack = (stage: Stage): Stage => ({
  options: stage.options,
  steps: stage.steps,
  startWorld: (needs) => stage.startWorld(needs),
  check: (name, check) => stage.check(`on the way back: ${name}`, check),
})

const judgeWayBack = async (stage: Stage, business: Business, ended: EndedFailover): Promise<Figures> => {
  const figures = await judgeBusiness(stage, business, ['east', 'west'])
  const compared = await judgeSame(stage, business)
  return { ...figures, ...judgeReport(stage, ended, figures), compared }
}
