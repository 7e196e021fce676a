import type { PartitionId } from '../../../shared/domain/record.ts'
import type { ClusterAccess } from '../../check/broker-connections.ts'
import { readTopic } from '../../check/log-reader.ts'
import { judgeReading } from '../../check/reading-verdict.ts'
import { recordIds } from '../../check/record-ids.ts'
import { none } from './checks.ts'
import { judgeSides } from './failover-judgement.ts'
import type { FenceLook } from './fence-watch.ts'
import type { LostRegion, PollerAnswers } from './lost-region.ts'
import type { OwedToCluster } from './owed-to-cluster.ts'
import { type Business, ORDERS } from './running-business.ts'
import { readAgain, resumesAt, saidRereads } from './said-rereads.ts'
import type { Figures, Stage } from './scenario.ts'
import type { EndedFailover } from './started-failover.ts'
import type { LyingRecords } from './stranded-truth.ts'
import { judgeTail } from './tail-judgement.ts'

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

/** `old`: all that lay on west when it was back, stranded or not. */
export const judgeAftermath = async (
  stage: Stage,
  business: Business,
  aftermath: Aftermath,
  old: LyingRecords,
): Promise<Figures> => {
  const { target } = business.watched.world
  const onEast = await recordIds(target, ORDERS.name)
  none(stage, 'records that are on east more than once', onEast.length - new Set(onEast).size)
  return {
    records: business.written.ids.length,
    ...(await judgeTail(stage, business, aftermath, { old, onNew: new Set(onEast) })),
    ...(await judgeGroup(stage, business, aftermath, new Set(onEast))),
    ...judgeOldSide(stage, business, aftermath),
    ...(await judgeRoles(stage, business, aftermath)),
    longestPauseMs: business.written.longestPauseMs,
  }
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
