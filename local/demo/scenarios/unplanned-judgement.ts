import type { PartitionId } from '../../../shared/domain/record.ts'
import type { ClusterAccess } from '../../check/broker-connections.ts'
import { readTopic } from '../../check/log-reader.ts'
import { judgeReading } from '../../check/reading-verdict.ts'
import { recordIds } from '../../check/record-ids.ts'
import { placeOf } from './acknowledged-writes.ts'
import { none } from './checks.ts'
import { judgeSides } from './failover-judgement.ts'
import type { FenceLook } from './fence-watch.ts'
import type { LostRegion, PollerAnswers } from './lost-region.ts'
import type { OwedToCluster } from './owed-to-cluster.ts'
import { type Business, ORDERS } from './running-business.ts'
import { readAgain, resumesAt, saidRereads } from './said-rereads.ts'
import type { Figures, Stage } from './scenario.ts'
import type { EndedFailover } from './started-failover.ts'
import { judgeStranded, type LyingRecords, recordText } from './stranded-truth.ts'

/** All that happened to a pair whose active cluster died and came back. */
export interface Aftermath {
  readonly region: LostRegion
  readonly ended: EndedFailover
  readonly owed: OwedToCluster
  /** Before its brokers were back, and when all was settled. */
  readonly owing: FenceLook
  readonly settled: FenceLook
  /** When the pollers of the link that led away from it were switched on again. */
  readonly answers: PollerAnswers
}

/** What the group can read on the new active cluster: of all that was acknowledged, what is there. */
export const readableIds = async ({ written, watched }: Business, topic: string): Promise<readonly string[]> => {
  const onEast = new Set(await recordIds(watched.world.target, topic))
  return written.ids.filter((id) => onEast.has(id))
}

export const judgeAftermath = async (stage: Stage, business: Business, aftermath: Aftermath): Promise<Figures> => {
  const { target } = business.watched.world
  const onEast = await recordIds(target, ORDERS.name)
  none(stage, 'records that are on east more than once', onEast.length - new Set(onEast).size)
  return {
    records: business.written.ids.length,
    ...(await judgeTail(stage, business, aftermath, new Set(onEast))),
    ...(await judgeGroup(stage, business, aftermath, new Set(onEast))),
    ...judgeOldSide(stage, business, aftermath),
    ...(await judgeRoles(stage, business, aftermath)),
    longestPauseMs: business.written.longestPauseMs,
  }
}

const lyingRecords = async (access: ClusterAccess, topic: string): Promise<LyingRecords> => {
  const records = new Map<string, { readonly id: string; readonly text: string }>()
  await readTopic(access, topic, (record, partition) => {
    const id = record.key?.toString() ?? ''
    records.set(placeOf({ topic, partition }, record.offset), { id, text: recordText(record) })
    return undefined
  })
  return records
}

const idsFrom = async (
  access: ClusterAccess,
  topic: string,
  from: (partition: PartitionId) => bigint,
): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>()
  await readTopic(access, topic, ({ offset, key }, partition) => {
    if (offset >= from({ topic, partition })) ids.add(key?.toString() ?? '')
    return undefined
  })
  return ids
}

/** What east never got, record by record: what the producers and the disk of west say, against what was counted and exported. */
const judgeTail = async (
  stage: Stage,
  { written, watched }: Business,
  { owed, ended }: Aftermath,
  onNew: ReadonlySet<string>,
): Promise<Figures> => {
  const { name } = ended.report.execution
  const old = await lyingRecords(watched.world.source, ORDERS.name)
  const exported = await owed.exported(name)
  const verdict = judgeStranded({ old, onNew, acknowledged: written.places('west'), exported })
  const { stranded, acknowledged, lost, missing, foreign, altered } = verdict
  const reportedLost = Number((await owed.counted(name)).records)
  stage.check('acknowledged records that east never got', {
    held: acknowledged > 0,
    measured: acknowledged,
    expected: 'some',
  })
  stage.check('records that east never got, as they were counted at the first contact', {
    held: reportedLost === stranded,
    measured: reportedLost,
    expected: `${stranded}, of which ${acknowledged} were acknowledged`,
  })
  none(stage, 'of these, records that are not in the export', missing)
  none(stage, 'exported records that east has, or that never were', foreign)
  none(stage, 'exported records with another byte than on the disk of west', altered)
  none(stage, 'acknowledged records that are neither on east nor in the export, at their offset', lost)
  none(stage, 'acknowledged records that are not on west', missingFrom(old, written.ids))
  judgeForecast(stage, ended, stranded)
  return { lost, reportedLost, stranded, strandedAcknowledged: acknowledged }
}

const missingFrom = (there: LyingRecords, ids: readonly string[]): number => {
  const known = new Set([...there.values()].map(({ id }) => id))
  return ids.filter((id) => !known.has(id)).length
}

/** The report is written while the source is gone: it knows what the canary knew when it last heard of it. */
const judgeForecast = (stage: Stage, { report: { loss } }: EndedFailover, stranded: number): void =>
  stage.check('records lost, as the report could know them', {
    held: loss.records !== undefined && loss.records > 0 && loss.records <= stranded,
    measured: loss.records ?? 'unknown',
    expected: `some, and ${stranded} at most: as of ${new Date(loss.knownAt ?? 0).toISOString()}`,
  })

/** Positions follow in passes, so that a group that dies with its cluster has read more than anybody knows. */
const judgeGroup = async (
  stage: Stage,
  { written, reader, watched }: Business,
  { ended }: Aftermath,
  onEast: ReadonlySet<string>,
): Promise<Figures> => {
  const fromThere = await idsFrom(watched.world.target, ORDERS.name, resumesAt(ended.report.groups.places))
  const onWest = reader.stays.filter(({ cluster }) => cluster === 'west')
  const said = saidRereads(onWest, fromThere)
  const again = readAgain(reader.ids)
  const read = new Set(reader.ids)
  const skipped = written.ids.filter((id) => onEast.has(id) && !read.has(id)).length
  none(stage, 'records of east that the group never read', skipped)
  stage.check('records that the group read twice: all behind the positions in the report, and no others', {
    held: again.size === said.size && [...again].every((id) => said.has(id)),
    measured: again.size,
    expected: said.size,
  })
  const known = new Set([...written.ids, ...written.doubtful])
  none(stage, 'records that the group read more than twice', reader.ids.length - read.size - again.size)
  none(stage, 'records that the group read and nobody wrote', judgeReading(reader.ids, known).strange)
  return { readTwice: again.size, saidToBeReadTwice: said.size, skipped }
}

/** Since it was killed, nobody may write to the old cluster, nor be sent anything from it. */
const judgeOldSide = (stage: Stage, { written }: Business, { region, owing, settled, answers }: Aftermath): Figures => {
  const since = written.batches.filter(
    ({ cluster, acknowledgedAt }) => cluster === 'west' && acknowledgedAt > region.since,
  )
  none(stage, 'batches that west took after it was killed', since.length)
  if (stage.options.secure) {
    const denied = written.denied.filter(({ cluster, at }) => cluster === 'west' && at > region.since).length
    stage.check('batches of who obeys nobody that west refused', {
      held: denied > 0,
      measured: denied,
      expected: 'some',
    })
  }
  stage.check('the alarm that west is not fenced, while its brokers were gone, and once it was', {
    held: owing.alarm && !settled.alarm,
    measured: [owing, settled].map(({ alarm }) => (alarm ? 'on' : 'off')).join(', then '),
    expected: 'on, then off',
  })
  stage.check('batches of west that its old link was brought once more, and took', {
    held: answers.taken === 0 && answers.refused.every((answer) => answer.includes('LINK_NOT_FORWARDING')),
    measured: `${answers.refused.length}, and ${answers.taken}`,
    expected: 'some, and 0',
  })
  return { twoWritableSides: since.length + judgeSides(stage, written, ['west', 'east']) }
}

const judgeRoles = async (stage: Stage, { forward, back }: Business, { ended }: Aftermath): Promise<Figures> => {
  const [east, west] = [await forward.state.status(), await back.state.status()]
  const epoch = ended.report.epoch ?? 0
  const told = `east ${east.role} in epoch ${east.epoch}, west ${west.role} in epoch ${west.epoch}`
  stage.check('who is what, as the tables of both regions say', {
    held: east.role === 'active' && west.role === 'standby' && east.epoch === epoch && west.epoch === epoch,
    measured: told,
    expected: `east active in epoch ${epoch}, west standby in epoch ${epoch}`,
  })
  return { epoch }
}
