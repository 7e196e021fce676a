import { judgeBusiness, judgeReport, stopBusiness } from './failover-judgement.ts'
import { failOver } from './failover-planned.ts'
import { runBusiness, untilBusy } from './running-business.ts'
import type { Scenario } from './scenario.ts'

/** There and back again, while the business goes on. */
export const failback: Scenario = {
  name: 'failback',
  summary: 'a failover and the way back, under load: nothing is lost, skipped, or read twice on either way',
  run: (stage) =>
    runBusiness(stage, async (business) => {
      const { steps } = stage
      const { forward, back } = business
      await steps.show('producers write and a group reads on west', () => untilBusy(business, 'west'))
      await failOver(stage, business, forward, 'planned')
      await steps.show('producers write and the group reads on east', () => untilBusy(business, 'east'))
      const ended = await failOver(stage, business, back, 'failback')
      await steps.show('producers write and the group reads on west again', () => untilBusy(business, 'west'))
      await steps.show('producers stop, and everybody reads to the end', (say) => stopBusiness(business, forward, say))
      return steps.show('the ledgers of all clients are compared with both clusters', async () => {
        const figures = await judgeBusiness(stage, business, ['west', 'east', 'west'])
        return { ...figures, ...judgeReport(stage, ended, figures) }
      })
    }),
}
