import { none } from './checks.ts'
import { type Business, ORDERS } from './running-business.ts'
import type { Figures, Scenario, Stage } from './scenario.ts'
import { lyingRecords, missingFrom } from './tail-judgement.ts'
import { type Returning, runUnplanned, untilSettled } from './unplanned-course.ts'
import { type Aftermath, judgeAftermath } from './unplanned-judgement.ts'

/** What the lost cluster alone had stays there as well. */
export const failoverUnplanned: Scenario = {
  name: 'failover-unplanned',
  summary: 'the active cluster is killed under load: what is lost is told exactly, and kept once it comes back',
  run: (stage) =>
    runUnplanned(stage, {
      settle: async ({ steps }, business, returning) => {
        await steps.show('west is started with its old data, and the schedule settles the rest', (say) =>
          startAndSettle(returning, say),
        )
        return (aftermath) => judgeExport(stage, business, aftermath)
      },
    }),
}

const startAndSettle = async ({ region, owed }: Returning, say: (line: string) => void): Promise<void> => {
  await region.starts()
  await untilSettled(owed, say)
}

const judgeExport = async (stage: Stage, business: Business, aftermath: Aftermath): Promise<Figures> => {
  const old = await lyingRecords(business.watched.world.source, ORDERS.name)
  none(stage, 'acknowledged records that are not on west', missingFrom(old, business.written.ids))
  return await judgeAftermath(stage, business, aftermath, old)
}
