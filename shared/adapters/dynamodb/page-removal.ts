import type { Page } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Deadline, PageRemoval } from '../../usecases/ports.ts'
import { pagesUpTo, partitionKey } from './item-keys.ts'
import { type LinkTable, namesIn } from './link-table.ts'
import { pageItem, parsePage } from './page-item.ts'
import { text } from './stored-item.ts'

const pageIsTheSame = '#runs = :runs'

/** For offset maps that are void. */
export const pageRemoval = (table: LinkTable): PageRemoval => ({
  sealed: (partition, incarnation, deadline) => sealed(table, partition, incarnation, deadline),
  unseal: (partition, pages, deadline) => unseal(table, partition, pages, deadline),
})

const sealed = async (
  table: LinkTable,
  partition: PartitionId,
  incarnation: string,
  deadline: Deadline,
): Promise<readonly Page[]> => {
  const { from, to } = pagesUpTo(incarnation)
  const where = '#pk = :pk AND #sk BETWEEN :from AND :to'
  const input = {
    KeyConditionExpression: where,
    ExpressionAttributeNames: namesIn(where),
    ExpressionAttributeValues: { ':pk': text(partitionKey(partition)), ':from': text(from), ':to': text(to) },
  }
  const pages: Page[] = []
  for await (const items of table.query(input, `reading the pages of ${partitionName(partition)}`, deadline))
    pages.push(...items.map(parsePage))
  return pages
}

const unseal = async (
  table: LinkTable,
  partition: PartitionId,
  pages: readonly Page[],
  deadline: Deadline,
): Promise<void> => {
  for (const page of pages) {
    const { pk, sk, runs } = pageItem(partition, page)
    const doing = `taking away the page of ${partitionName(partition)} from source offset ${page.runs[0].source} on`
    const values = { ':runs': runs ?? text('') }
    await table.remove({ pk: pk?.S ?? '', sk: sk?.S ?? '' }, { where: pageIsTheSame, values }, doing, deadline)
  }
}
