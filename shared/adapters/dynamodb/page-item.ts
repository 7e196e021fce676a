import type { Page } from '../../domain/head.ts'
import { packRuns } from '../../domain/packed-runs.ts'
import type { PartitionId } from '../../domain/record.ts'
import { sourceEnd } from '../../domain/run.ts'
import { BY_TARGET, pageSortKey, partitionKey } from './item-keys.ts'
import { bytes, type Item, integer, StoredItem, text } from './stored-item.ts'

/** Where the page's last run ends on the source; the condition of its write compares it. */
export const pageEnd = ({ runs }: Page): bigint => sourceEnd(runs.at(-1) ?? runs[0])

export const pageItem = (partition: PartitionId, page: Page): Item => ({
  pk: text(partitionKey(partition)),
  sk: text(pageSortKey(page.incarnation, page.runs[0].source)),
  [BY_TARGET.sortKey]: text(pageSortKey(page.incarnation, page.runs[0].target)),
  incarnation: text(page.incarnation),
  end: integer(pageEnd(page)),
  runs: bytes(packRuns(page.runs)),
  nextRunSource: integer(page.followedBy.source),
  nextRunTarget: integer(page.followedBy.target),
})

export const parsePage = (item: Item): Page => {
  const stored = new StoredItem(item)
  const [first = stored.refuse('runs', 'packed runs, at least one'), ...others] = stored.runs('runs')
  return {
    incarnation: stored.text('incarnation'),
    runs: [first, ...others],
    followedBy: { source: stored.offset('nextRunSource'), target: stored.offset('nextRunTarget') },
  }
}
