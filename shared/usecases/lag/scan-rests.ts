import { ReplicationError } from '../../domain/errors.ts'
import { oldestWaiting, type PartitionLook, withScan, worthScanning } from '../../domain/lag/partition-look.ts'
import { partitionName } from '../../domain/record.ts'
import { inLanes } from '../lanes.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import { type LagDeps, startPart } from './lag-deps.ts'

/** In one sample; what is left has its turn in the next one, and counts as records until then. */
const MOST_SCANS = 20
const LANES = 5
const MAX_BYTES = 64 * 1_024
const SCANS_WITHIN_MS = 3_000

/**
 * Reads the few offsets between checkpoint and end, where that was not done yet for this checkpoint and this end: on
 * transactional topics the last ones are markers, which nobody ever replicates. Partitions that stand still come first.
 */
export const scanRests = async (
  looks: ReadonlyMap<string, PartitionLook>,
  before: ReadonlyMap<string, PartitionLook>,
  deadline: Deadline,
  deps: LagDeps,
): Promise<ReadonlyMap<string, PartitionLook>> => {
  const stands = (look: PartitionLook): number =>
    before.get(partitionName(look))?.checkpoint === look.checkpoint ? 0 : 1
  const due = [...looks.values()]
    .filter((look) => worthScanning(look) !== undefined)
    .sort((one, other) => stands(one) - stands(other) || Number(restOf(one) - restOf(other)))
    .slice(0, MOST_SCANS)
  const scanned = new Map(looks)
  const ofScans = startPart(SCANS_WITHIN_MS, deadline, deps)
  try {
    await inLanes(due, LANES, async (look) => {
      scanned.set(partitionName(look), await scan(look, ofScans, deps.source))
    })
  } finally {
    ofScans.end()
  }
  return scanned
}

const restOf = (look: PartitionLook): bigint => look.end - oldestWaiting(look)

/** Whatever cannot be read counts as records. */
const scan = async (
  look: PartitionLook,
  deadline: Deadline,
  source: Pick<LogReader, 'read'>,
): Promise<PartitionLook> => {
  const { end } = look
  const from = oldestWaiting(look)
  try {
    const read = await source.read(look, from, { maxBytes: MAX_BYTES, isolation: 'committed' }, deadline)
    if (read.kind === 'out-of-range' || read.next <= from) return look
    const records = read.records.filter(({ offset }) => offset < end)
    const to = read.next < end ? read.next : end
    const [first] = records
    return withScan(look, { to, records: records.length, ...(first && { first: first.offset }) })
  } catch (error) {
    if (error instanceof ReplicationError) return look
    throw error
  }
}
