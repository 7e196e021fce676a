import type { FailoverEnding } from '../../../shared/domain/failover/step-call.ts'
import { judgeReading } from '../../check/reading-verdict.ts'
import { recordIds } from '../../check/record-ids.ts'
import { untilReplicated } from '../../check/replication-check.ts'
import { eventually } from '../../machine/eventually.ts'
import type { AcknowledgedWrites } from './acknowledged-writes.ts'
import { none } from './checks.ts'
import { type Business, ORDERS } from './running-business.ts'
import type { Figures, Stage } from './scenario.ts'
import type { EndedFailover } from './started-failover.ts'
import type { WatchedLink } from './watched-world.ts'

const READ_WITHIN_MS = 60_000

/** Producers stop, what they wrote is on both sides, and the group reads to the end: all of `due`, by default all there is. */
export const stopBusiness = async (
  { writers, written, reader }: Business,
  flowing: WatchedLink,
  say: (line: string) => void,
  due: () => Promise<readonly string[]> = async () => written.ids,
): Promise<void> => {
  await Promise.all(writers.map((writer) => writer.stop()))
  await untilReplicated({ ...flowing, topics: [ORDERS.name] }, say)
  const ids = await due()
  const hasRead = (): boolean => {
    const read = new Set(reader.ids)
    return ids.every((id) => read.has(id))
  }
  const inVain = (): void => undefined // what is missing is for the verdict
  await eventually('the group to read to the end', hasRead, { withinMs: READ_WITHIN_MS, everyMs: 100 }).catch(inVain)
  await reader.stop()
}

/** What the clients' own ledgers and raw reads of both clusters make of it, where both were active for a while. */
export const judgeBusiness = async (
  stage: Stage,
  business: Business,
  sides: readonly string[],
): Promise<ClientFigures> => {
  const { written, reader, watched } = business
  for (const name of watched.world.clusters.keys())
    stage.check(`records written and read on ${name}`, {
      held: written.on(name) > 0 && reader.on(name) > 0,
      measured: `${written.on(name)} and ${reader.on(name)}`,
      expected: 'some of each',
    })
  return { ...(await judgeClients(stage, business, sides)), longestPauseMs: written.longestPauseMs }
}

/** What is true of clients wherever they were. `sides`: which cluster was to be the active one, one after the other. */
export const judgeClients = async (
  stage: Stage,
  { written, reader, watched, troubles }: Business,
  sides: readonly string[],
): Promise<ClientFigures> => {
  const { ids } = written
  none(stage, 'times that a client could not go on at once', troubles.all.length)
  for (const trouble of troubles.all.slice(0, 5)) stage.steps.line(`  ${trouble}`)
  const { readTwice, skipped, strange } = judgeReading(reader.ids, new Set(ids))
  none(stage, 'acknowledged records that the group never read', skipped)
  none(stage, 'records that the group read twice', readTwice)
  none(stage, 'records that the group read and nobody wrote', strange)
  let lost = 0
  for (const [name, cluster] of watched.world.clusters) {
    const there = await recordIds(cluster, ORDERS.name)
    const missing = missingFrom(there, ids)
    lost = Math.max(lost, missing)
    none(stage, `acknowledged records that are not on ${name}`, missing)
    none(stage, `records that are on ${name} more than once`, there.length - new Set(there).size)
  }
  return { records: ids.length, lost, readTwice, skipped, twoWritableSides: judgeSides(stage, written, sides) }
}

interface ClientFigures extends Figures {
  readonly lost: number
}

/** How often one side took what an application wrote while the other took some as well. */
export const judgeSides = (stage: Stage, written: AcknowledgedWrites, sides: readonly string[]): number => {
  none(stage, 'batches taken by one side while the other took later ones', written.besides)
  if (!stage.options.secure) return written.besides
  const took = written.sides
  stage.check('sides that took what was written on both all the while, one after the other', {
    held: took.join() === sides.join(),
    measured: took.join(', '),
    expected: sides.join(', '),
  })
  return written.besides + Math.max(0, took.length - sides.length)
}

const missingFrom = (ids: readonly string[], written: readonly string[]): number => {
  const there = new Set(ids)
  return written.filter((id) => !there.has(id)).length
}

/** What the report of a failover says, against what is true. */
export const judgeReport = (stage: Stage, ended: EndedFailover, { lost }: ClientFigures): Figures => {
  const reportedLost = ended.report.loss.records ?? 'unknown'
  stage.check('records lost, as the report says', {
    held: reportedLost === lost,
    measured: reportedLost,
    expected: lost,
  })
  return { reportedLost, ...judgeEnding(stage, ended, 'done') }
}

/** How it ended, and how long each step took. */
export const judgeEnding = (stage: Stage, ended: EndedFailover, expected: FailoverEnding): Figures => {
  const { outcome: measured, report } = ended
  stage.check('how the failover ended', { held: measured === expected, measured, expected })
  const steps = report.timeline.map(({ step, startedAt, endedAt }) => [step, endedAt - startedAt] as const)
  return { rtoMs: { ...Object.fromEntries(steps), total: report.times.rtoMs ?? report.times.totalMs } }
}
