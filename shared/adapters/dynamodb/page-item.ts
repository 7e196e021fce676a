import type { Page } from '../../domain/head.ts'
import { packRuns } from '../../domain/packed-runs.ts'
import type { PartitionId } from '../../domain/record.ts'
import { isReplicated, sourceEnd } from '../../domain/run.ts'
import { BY_TARGET, pageSortKey, partitionKey } from './item-keys.ts'
import { bytes, type Item, integer, optional, StoredItem, text } from './stored-item.ts'

/** Where the page's last run ends on the source; the condition of its write compares it. */
export const pageEnd = ({ runs }: Pick<Page, 'runs'>): bigint => sourceEnd(runs.at(-1) ?? runs[0])

/** A page of looped runs only is not in the index: nothing that was replicated is found in it. */
export const pageItem = (partition: PartitionId, { incarnation, runs, followedBy }: Page): Item => {
  const replicated = runs.find(isReplicated)
  return {
    pk: text(partitionKey(partition)),
    sk: text(pageSortKey(incarnation, runs[0].source)),
    ...optional(BY_TARGET.sortKey, replicated && text(pageSortKey(incarnation, replicated.target))),
    incarnation: text(incarnation),
    end: integer(pageEnd({ runs })),
    runs: bytes(packRuns(runs)),
    nextRunSource: integer(followedBy.source),
    ...optional('nextRunTarget', followedBy.target === undefined ? undefined : integer(followedBy.target)),
  }
}

export const parsePage = (item: Item): Page => {
  const stored = new StoredItem(item)
  const [first = stored.refuse('runs', 'packed runs, at least one'), ...others] = stored.runs('runs')
  return {
    incarnation: stored.text('incarnation'),
    runs: [first, ...others],
    followedBy: {
      source: stored.offset('nextRunSource'),
      ...(stored.has('nextRunTarget') && { target: stored.offset('nextRunTarget') }),
    },
  }
}
