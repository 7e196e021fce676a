import type { LagMemory } from '../../domain/lag/lag-memory.ts'
import type { PartitionLook } from '../../domain/lag/partition-look.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { LagLedger } from '../../usecases/lag/lag-ports.ts'
import type { Deadline, LinkState } from '../../usecases/ports.ts'
import { LAG_KEY, lagKey } from './item-keys.ts'
import { chunkItem, parseChunk, type StoredChunk } from './lag-item.ts'
import { type LinkTable, namesIn } from './link-table.ts'
import { integer, text } from './stored-item.ts'

const thereIsNoneYet = 'attribute_not_exists(#pk)'
const nobodyRememberedALaterSample = '#at <= :at'

/** An item holds 400 KB, and a partition that lags among so many takes 1.5 KB with the longest of names. */
const PARTITIONS_A_CHUNK = 250

/**
 * One item as long as there are few partitions. Partitions lie in chunks by their names, and stay there until the number of
 * chunks changes; the first chunk comes last, so that no partition is in none of them when something dies in between.
 */
export const lagLedger = (table: LinkTable): LagLedger => ({
  read: (deadline) => read(table, deadline),
  remember: (memory, deadline) => remember(table, memory, deadline),
})

const read = async (table: LinkTable, deadline: Deadline): Promise<LagMemory | undefined> => {
  const isLag = '#pk = :pk'
  const input = {
    KeyConditionExpression: isLag,
    ExpressionAttributeNames: namesIn(isLag),
    ExpressionAttributeValues: { ':pk': text(LAG_KEY) },
  }
  const chunks: StoredChunk[] = []
  for await (const items of table.query(input, `reading the lag in ${table.name}`, deadline))
    chunks.push(...items.map(parseChunk))
  const first = chunks.find(({ chunk }) => chunk === 0)
  if (first === undefined) return undefined
  const { at, topicsAt, sourceUnreachableSince, failover, accounts } = first
  const valid = chunks.filter(({ chunk }) => chunk < first.chunks).toSorted((one, other) => one.at - other.at)
  const ended = valid.flatMap((chunk) => [...(chunk.ended ?? [])])
  return {
    at,
    looks: newest(valid),
    ...(topicsAt !== undefined && { topicsAt }),
    ...(ended.length > 0 && { ended: new Map(ended) }),
    ...(sourceUnreachableSince !== undefined && { sourceUnreachableSince }),
    ...(failover && { failover }),
    ...(accounts && { accounts }),
  }
}

/** What of the lag the replication of a partition has to know before it begins, see the port. */
export const firstStarts = (table: LinkTable): LinkState['firstStart'] => {
  const asked = new Map<number, Promise<StoredChunk | undefined>>()
  // The partitions of an event begin side by side, and all of them need the first chunk.
  const chunkAt = (chunk: number, deadline: Deadline): Promise<StoredChunk | undefined> => {
    const asking = asked.get(chunk) ?? readChunk(table, chunk, deadline).finally(() => asked.delete(chunk))
    asked.set(chunk, asking)
    return asking
  }
  return async (partition, incarnation, deadline) => {
    const first = await chunkAt(0, deadline)
    if (first === undefined) return undefined
    const chunk = chunkOf(partition, first.chunks)
    const looks = (chunk === 0 ? first : await chunkAt(chunk, deadline))?.looks
    const look = looks?.get(partitionName(partition))
    return look?.incarnation === incarnation ? look.firstStart : undefined
  }
}

const readChunk = async (table: LinkTable, chunk: number, deadline: Deadline): Promise<StoredChunk | undefined> => {
  const [item] = await table.getAll([lagKey(chunk)], `reading where logs began in ${table.name}`, deadline)
  return item && parseChunk(item)
}

/** Oldest first: a partition that moved to another chunk may be in both. */
const newest = (chunks: readonly StoredChunk[]): ReadonlyMap<string, PartitionLook> =>
  new Map(chunks.flatMap(({ looks }) => [...looks]))

const remember = async (
  table: LinkTable,
  memory: LagMemory,
  deadline: Deadline,
): Promise<'remembered' | 'superseded'> => {
  const { looks: all, ended: over = new Map() } = memory
  const chunks = Math.max(1, Math.ceil((all.size + over.size) / PARTITIONS_A_CHUNK))
  const looks = Map.groupBy(all.values(), (look) => chunkOf(look, chunks))
  const ended = Map.groupBy(over.values(), (life) => chunkOf(life, chunks))
  const condition = {
    where: `${thereIsNoneYet} OR ${nobodyRememberedALaterSample}`,
    values: { ':at': integer(memory.at) },
  }
  for (let chunk = chunks - 1; chunk >= 0; chunk--) {
    const item = chunkItem(memory, { chunk, chunks, looks: looks.get(chunk) ?? [], ended: ended.get(chunk) ?? [] })
    const outcome = await table.put(item, condition, `remembering the lag in ${table.name}`, deadline)
    if (!outcome.written) return 'superseded'
  }
  return 'remembered'
}

const chunkOf = (look: PartitionId, chunks: number): number => {
  let hash = 0
  for (const character of partitionName(look)) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0
  return hash % chunks
}
