import type { FailoverMode, TailChoice } from '../../../shared/domain/failover/failover-input.ts'
import { judgeBusiness, judgeReport, stopBusiness } from './failover-judgement.ts'
import { type Business, followRights, measureLag, runBusiness, untilBusy } from './running-business.ts'
import type { Scenario, Stage } from './scenario.ts'
import { type EndedFailover, StartedFailover } from './started-failover.ts'
import { untilInStep, type WatchedLink } from './watched-world.ts'

/** The business moves to the other cluster while it goes on. */
export const failoverPlanned: Scenario = {
  name: 'failover-planned',
  summary: 'a planned failover under load: producers and a group move, nothing is lost, skipped, or read twice',
  run: (stage) =>
    runBusiness(stage, async (business) => {
      const { steps } = stage
      const { forward, back } = business
      await steps.show('producers write and a group reads on west', () => untilBusy(business, 'west'))
      const ended = await failOver(stage, business, forward, 'planned')
      await steps.show('producers write and the group reads on east', () => untilBusy(business, 'east'))
      await steps.show('producers stop, and everybody reads to the end', (say) => stopBusiness(business, back, say))
      return steps.show('the ledgers of all clients are compared with both clusters', async () => {
        const figures = await judgeBusiness(stage, business, ['west', 'east'])
        return { ...figures, ...judgeReport(stage, ended, figures) }
      })
    }),
}

/** Runs the state machine along a link, with somebody who approves what its preflight says; of a drill nobody has to. */
export const failOver = async (
  stage: Stage,
  business: Business,
  along: WatchedLink,
  mode: FailoverMode,
): Promise<EndedFailover> => {
  const { steps } = stage
  const { link } = along
  await steps.show(`topics and rights of ${link.name} are in step, and its lag is measured`, async (say) => {
    await untilInStep(along, say)
    await followRights(business.endpoint, link)
    await measureLag(business, link)
  })
  return await runMachine(stage, business, along, mode)
}

/** The state machine alone, whatever state its clusters are in. `tail`: absent, what the topology says. */
export const runMachine = async (
  { steps }: Stage,
  { endpoint }: Business,
  { link }: WatchedLink,
  mode: FailoverMode,
  tail?: TailChoice,
): Promise<EndedFailover> => {
  const started = await StartedFailover.start(endpoint, link, mode, tail)
  try {
    if (mode !== 'drill')
      await steps.show(`${mode}: the preflight of a failover to ${link.target.name} passes, and is approved`, () =>
        started.approve(),
      )
    return await steps.show(`${mode}: all ${mode === 'drill' ? '' : 'other '}steps`, (say) => started.end(say))
  } finally {
    started.close()
  }
}
