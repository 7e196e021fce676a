import type { Translate } from '../../local/check/map-truth.ts'
import type { PartitionLog } from '../../local/check/partition-log.ts'
import type { Page } from '../../shared/domain/head.ts'
import { partitionName } from '../../shared/domain/record.ts'
import { isReplicated } from '../../shared/domain/run.ts'
import type { Position } from '../../shared/domain/translation.ts'
import { translateCommitted, translateCommittedBack } from '../../shared/usecases/offset-map/translate.ts'
import type { LinkState, OffsetMapPages } from '../../shared/usecases/ports.ts'
import { headIn } from '../../shared/usecases/snapshot-head.ts'
import { deadlinesInTime } from './polled.ts'

/** A page that was read answers for the offsets that it covers, or a map of many pages would be read once an offset. */
const readOnce = (pages: OffsetMapPages): OffsetMapPages => {
  const known: Page[] = []
  const keep = async (reading: Promise<Page | undefined>): Promise<Page | undefined> => {
    const page = await reading
    if (page !== undefined && !known.includes(page)) known.push(page)
    return page
  }
  return {
    pageAtSource: async (partition, incarnation, source, deadline) =>
      known.find(({ runs: [first], followedBy }) => first.source <= source && source < followedBy.source) ??
      keep(pages.pageAtSource(partition, incarnation, source, deadline)),
    pageAtTarget: async (partition, incarnation, target, deadline) =>
      known.find(({ runs, followedBy }) => {
        const begin = runs.find(isReplicated)?.target ?? target + 1n
        return begin <= target && target < (followedBy.target ?? begin)
      }) ?? keep(pages.pageAtTarget(partition, incarnation, target, deadline)),
    oldestPage: (partition, incarnation, deadline) => keep(pages.oldestPage(partition, incarnation, deadline)),
  }
}

/**
 * Where the product lets groups resume, for every source offset of a log. There and back again must never lead past
 * where a group was.
 */
export const positionsOf = async (state: LinkState & OffsetMapPages, log: PartitionLog): Promise<Translate> => {
  const deadline = deadlinesInTime().state
  const { partition, logStart, logEnd } = log
  const head = headIn(await state.read([partition], deadline), partition)
  const map = { partition, head, pages: readOnce(state) }
  const positions = new Map<bigint, Position>()
  const incarnation = head?.incarnation ?? ''
  for (let offset = logStart; offset <= logEnd; offset++) {
    const position = await translateCommitted(map, { incarnation, offset }, deadline)
    positions.set(offset, position)
    if (position.kind !== 'exact') continue
    const back = await translateCommittedBack(map, { incarnation, offset: position.target }, deadline)
    if (back.kind === 'exact' && back.source > offset)
      throw new Error(`source offset ${offset} of ${partitionName(partition)} comes back as ${back.source}`)
  }
  return (committed) => positions.get(committed) ?? { kind: 'unmapped' }
}
