import { describeTopics, topicNames } from '../../kafka/local-topics.ts'
import { none } from './checks.ts'
import { judgeClients, judgeEnding, stopBusiness } from './failover-judgement.ts'
import { failOver } from './failover-planned.ts'
import { type Business, runBusiness, untilBusy } from './running-business.ts'
import type { Figures, Scenario, Stage } from './scenario.ts'
import type { EndedFailover } from './started-failover.ts'

/** Nobody who goes on writing notices anything: what a busy machine may take from a producer that writes every 40 ms. */
const UNNOTICED_MS = 3_000

/** The failover that changes nothing, on the real clusters, while the business goes on. */
export const drill: Scenario = {
  name: 'drill',
  summary:
    'a failover is practised under load: the same steps on the same clusters, and nothing has changed afterwards',
  run: (stage) =>
    runBusiness(stage, async (business) => {
      const { steps } = stage
      const { forward } = business
      await steps.show('producers write and a group reads on west', () => untilBusy(business, 'west'))
      const before = await steps.show('all that a failover changes is noted', () => changeable(business))
      const ended = await failOver(stage, business, forward, 'drill')
      const after = await steps.show('it is noted again', () => changeable(business))
      await steps.show('producers write and the group reads on west still', () => untilBusy(business, 'west'))
      await steps.show('producers stop, and everybody reads to the end', (say) => stopBusiness(business, forward, say))
      return steps.show('what was noted is compared, and the ledgers of all clients', async () => ({
        changed: judgeChanges(stage, before, after),
        ...(await judgeClients(stage, business, ['west'])),
        ...judgeEnding(stage, ended, 'drilled'),
        ...judgeQuiet(stage, business),
        ...judgePositions(stage, ended),
      }))
    }),
}

/** By name, what a failover would change and nothing else does, as texts to compare. */
const changeable = async ({ watched, pointers }: Business): Promise<ReadonlyMap<string, string>> => {
  const noted = new Map<string, unknown>()
  for (const { link, state } of watched.links) noted.set(`status of ${link.name}`, await state.status())
  for (const [name, cluster] of watched.world.clusters)
    noted.set(`topics of ${name}`, await describeTopics(cluster, (await topicNames(cluster)).sort()))
  for (const { uuid, state, lastModifiedMs } of watched.world.aws?.gateway.mappings.list() ?? [])
    noted.set(`event source mapping ${uuid}`, { state, lastModifiedMs })
  for (const pointer of pointers) noted.set(`pointer in ${pointer.region}`, pointer.now)
  return new Map([...noted].map(([name, what]) => [name, JSON.stringify(what)]))
}

const judgeChanges = (
  stage: Stage,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): number => {
  const names = [...new Set([...before.keys(), ...after.keys()])]
  const changed = names.filter((name) => before.get(name) !== after.get(name))
  for (const name of changed) stage.steps.line(`  ${name}: ${before.get(name)}, then ${after.get(name)}`)
  none(stage, `of ${names.length} statuses, topics, mappings and pointers, those that changed`, changed.length)
  return changed.length
}

const judgeQuiet = (stage: Stage, { written, reader }: Business): Figures => {
  const { longestPauseMs } = written
  none(stage, 'records written or read on east', written.on('east') + reader.on('east'))
  stage.check('the longest pause of all producers, in ms', {
    held: longestPauseMs <= UNNOTICED_MS,
    measured: longestPauseMs,
    expected: `${UNNOTICED_MS} at most`,
  })
  return { longestPauseMs }
}

/** A drill reads on both clusters where the group would resume. */
const judgePositions = (stage: Stage, { report: { groups } }: EndedFailover): Figures => {
  const { readAgain: wouldReadAgain = 'unknown', skipped: wouldSkip = 'unknown' } = groups
  stage.check('records that the group would read again, and skip, as the drill found', {
    held: wouldReadAgain === 0 && wouldSkip === 0,
    measured: `${wouldReadAgain} and ${wouldSkip}`,
    expected: '0 and 0',
  })
  return { wouldReadAgain, wouldSkip }
}
