import type { Page } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Deadline, OffsetMapPages } from '../../usecases/ports.ts'
import { BY_TARGET, pagesUpTo, partitionKey } from './item-keys.ts'
import { type LinkTable, namesIn, type TableQuery } from './link-table.ts'
import { parsePage } from './page-item.ts'
import { text } from './stored-item.ts'

/** How many items are looked at once where pages that expired, but are not deleted yet, are in the way. */
const PAGES_PER_LOOK = 500

type Place = Pick<PartitionId, 'topic' | 'partition'> & { readonly incarnation: string }

/** The sealed pages in DynamoDB, strongly consistent: a page that left the head a moment ago is found. */
export const offsetMapPages = (table: LinkTable): OffsetMapPages => ({
  pageAtSource: (partition, incarnation, source, deadline) =>
    newestUpTo(table, { ...partition, incarnation }, { sortKey: 'sk', offset: source }, deadline),
  pageAtTarget: (partition, incarnation, target, deadline) =>
    newestUpTo(table, { ...partition, incarnation }, { ...BY_TARGET, offset: target }, deadline),
  oldestPage: (partition, incarnation, deadline) => oldest(table, { ...partition, incarnation }, deadline),
})

const pagesIn = (place: Place, sortKey: string, offset?: bigint): TableQuery => {
  const { from, to } = pagesUpTo(place.incarnation, offset)
  const where = `#pk = :pk AND #${sortKey} BETWEEN :from AND :to`
  return {
    KeyConditionExpression: where,
    ExpressionAttributeNames: namesIn(where),
    ExpressionAttributeValues: { ':pk': text(partitionKey(place)), ':from': text(from), ':to': text(to) },
  }
}

const doing = (place: Place): string => `reading the offset map of ${partitionName(place)}`

/** One request. Pages expire in their order, so that when the newest one has expired, all before it have. */
const newestUpTo = async (
  table: LinkTable,
  place: Place,
  { sortKey, index, offset }: { readonly sortKey: string; readonly index?: string; readonly offset: bigint },
  deadline: Deadline,
): Promise<Page | undefined> => {
  if (offset < 0n) return undefined
  const input = {
    ...pagesIn(place, sortKey, offset),
    ...(index && { IndexName: index }),
    ScanIndexForward: false,
    Limit: 1,
  }
  for await (const [item] of table.query(input, doing(place), deadline)) {
    return item === undefined || table.expired(item) ? undefined : parsePage(item)
  }
  return undefined
}

/** One request, unless expired pages are in the way; then one more for each 500 of them. */
const oldest = async (table: LinkTable, place: Place, deadline: Deadline): Promise<Page | undefined> => {
  const [first] = await firstOf(table.query({ ...pagesIn(place, 'sk'), Limit: 1 }, doing(place), deadline))
  if (first === undefined || !table.expired(first)) return first && parsePage(first)
  for await (const items of table.query({ ...pagesIn(place, 'sk'), Limit: PAGES_PER_LOOK }, doing(place), deadline)) {
    const found = items.find((item) => !table.expired(item))
    if (found !== undefined) return parsePage(found)
  }
  return undefined
}

const firstOf = async <Item>(answers: AsyncIterable<Item[]>): Promise<Item[]> => {
  for await (const items of answers) return items
  return []
}
