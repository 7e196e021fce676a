import type { TailPart } from '../../domain/failover/stranded-tail.ts'
import { partitionName } from '../../domain/record.ts'
import type { TailHistory, TailLedger } from '../../usecases/failover/tail-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { TAILS_KEY } from './item-keys.ts'
import { type LinkTable, namesIn } from './link-table.ts'
import { type Item, integer, optional, StoredItem, text } from './stored-item.ts'

const nobodyHasLooked = 'attribute_not_exists(#pk)'
const nobodyHasCountedFurther = '#countedTo <= :countedTo'
const nobodyHasSettledMore = '#settledTo <= :settledTo'

/** How far the tails of failovers are settled, in the table of their forward link. */
export const tailLedger = (table: LinkTable): TailLedger & TailHistory => ({
  parts: (execution, deadline) => parts(table, execution, deadline),
  executions: (deadline) => executions(table, deadline),
  save: (execution, part, deadline) => save(table, execution, part, deadline),
})

const parts = async (table: LinkTable, execution: string, deadline: Deadline): Promise<readonly TailPart[]> => {
  const isPartOfIt = '#pk = :pk AND begins_with(#sk, :execution)'
  const input = {
    KeyConditionExpression: isPartOfIt,
    ExpressionAttributeNames: namesIn(isPartOfIt),
    ExpressionAttributeValues: { ':pk': text(TAILS_KEY), ':execution': text(`${execution}#`) },
  }
  const found: TailPart[] = []
  for await (const items of table.query(input, `reading the stranded tail of ${execution}`, deadline))
    found.push(...items.map(parsePart))
  return found
}

const executions = async (table: LinkTable, deadline: Deadline): Promise<ReadonlyMap<string, readonly TailPart[]>> => {
  const isTail = '#pk = :pk'
  const input = {
    KeyConditionExpression: isTail,
    ExpressionAttributeNames: namesIn(isTail),
    ExpressionAttributeValues: { ':pk': text(TAILS_KEY) },
  }
  const found = new Map<string, TailPart[]>()
  for await (const items of table.query(input, 'reading the stranded tails', deadline))
    for (const item of items) {
      const [execution = ''] = new StoredItem(item).text('sk').split('#')
      found.set(execution, [...(found.get(execution) ?? []), parsePart(item)])
    }
  return found
}

const save = async (
  table: LinkTable,
  execution: string,
  part: TailPart,
  deadline: Deadline,
): Promise<'saved' | 'moved'> => {
  const where = `${nobodyHasLooked} OR (${nobodyHasCountedFurther} AND ${nobodyHasSettledMore})`
  const values = { ':countedTo': integer(part.counted.to), ':settledTo': integer(part.settledTo) }
  const doing = `remembering how far the stranded tail of ${partitionName(part)} is settled`
  const outcome = await table.put(partItem(execution, part), { where, values }, doing, deadline)
  return outcome.written ? 'saved' : 'moved'
}

/** Neither Step Functions nor Kafka lets a name have a `#`. */
const partItem = (execution: string, part: TailPart): Item => ({
  pk: text(TAILS_KEY),
  sk: text(`${execution}#${part.topic}#${part.partition}#${part.incarnation}`),
  topic: text(part.topic),
  partition: integer(part.partition),
  incarnation: text(part.incarnation),
  from: integer(part.from),
  first: integer(part.first),
  to: integer(part.to),
  gone: integer(part.gone),
  countedTo: integer(part.counted.to),
  records: integer(part.counted.records),
  bytes: integer(part.counted.bytes),
  settledTo: integer(part.settledTo),
  ...optional('appendedFrom', part.appendedFrom === undefined ? undefined : integer(part.appendedFrom)),
  ...optional('emptyTo', part.emptyTo === undefined ? undefined : integer(part.emptyTo)),
})

const parsePart = (item: Item): TailPart => {
  const stored = new StoredItem(item)
  return {
    topic: stored.text('topic'),
    partition: stored.number('partition'),
    incarnation: stored.text('incarnation'),
    from: stored.offset('from'),
    first: stored.offset('first'),
    to: stored.offset('to'),
    gone: stored.offset('gone'),
    counted: { to: stored.offset('countedTo'), records: stored.offset('records'), bytes: stored.offset('bytes') },
    settledTo: stored.offset('settledTo'),
    ...(stored.has('appendedFrom') && { appendedFrom: stored.offset('appendedFrom') }),
    ...(stored.has('emptyTo') && { emptyTo: stored.offset('emptyTo') }),
  }
}
