import { readTopic } from '../../check/log-reader.ts'
import { checkReplication } from '../../check/replication-check.ts'
import { haveSameRecords } from '../../check/same-records.ts'
import { asWritten } from '../../check/written-on.ts'
import { none } from './checks.ts'
import { type Business, ORDERS } from './running-business.ts'
import type { Figures, Stage } from './scenario.ts'
import type { LyingRecords } from './stranded-truth.ts'

/** A cluster before anything on it was deleted. */
export interface EmptiedCluster {
  readonly records: LyingRecords
  /** By partition. */
  readonly ends: readonly bigint[]
}

/** How many records both clusters have, the same ones in one order. */
export const judgeSame = async (stage: Stage, { watched }: Business): Promise<number> => {
  const onEast = await readTopic(watched.world.target, ORDERS.name, asWritten)
  const onWest = await readTopic(watched.world.source, ORDERS.name, asWritten)
  const compared = onEast.reduce((records, { size }) => records + size, 0)
  const same = onEast.filter((log, at) => onWest[at] !== undefined && haveSameRecords(log, onWest[at])).length
  stage.check('partitions that are the same on both, record by record, in every byte that an application wrote', {
    held: compared > 0 && same === ORDERS.partitions && onWest.length === ORDERS.partitions,
    measured: same,
    expected: `${ORDERS.partitions}, with ${compared} records`,
  })
  return compared
}

/** The old cluster is what the new one is, behind where it was emptied, and no map tells of what it was before. */
export const judgeRefill = async (stage: Stage, business: Business, { ends }: EmptiedCluster): Promise<Figures> => {
  const refilled = await judgeSame(stage, business)
  const onWest = await readTopic(business.watched.world.source, ORDERS.name)
  const starts = onWest.map(({ logStart }) => logStart)
  stage.check('where the log of each partition of west begins: where it ended when it was emptied', {
    held: starts.join() === ends.join() && ends.every((end) => end > 0n),
    measured: starts.join(' and '),
    expected: ends.join(' and '),
  })
  await judgeMaps(stage, business, ends)
  return { refilled }
}

const judgeMaps = async (stage: Stage, { forward, back }: Business, ends: readonly bigint[]): Promise<void> => {
  const views = { source: asWritten, target: asWritten }
  const { mapErrors, gaps } = await checkReplication({ ...back, topics: [ORDERS.name], views })
  none(stage, 'offsets of east that translate to a wrong place on west', mapErrors)
  none(stage, 'gaps in the ledger of the link back', gaps)
  let known = 0
  for (const [partition, end] of ends.entries()) {
    const translate = await forward.state.translations({ topic: ORDERS.name, partition }, 0n, end)
    for (let offset = 0n; offset < end; offset++) if (translate(offset).kind !== 'unmapped') known++
  }
  none(stage, 'emptied offsets of west that its old map still knows a place for', known)
}
