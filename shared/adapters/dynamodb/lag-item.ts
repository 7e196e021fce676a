import type { Accounts } from '../../domain/lag/accounts.ts'
import { type EndedLives, lifeName } from '../../domain/lag/ended-life.ts'
import type { FailoverLoss } from '../../domain/lag/failover-loss.ts'
import type { LagMemory } from '../../domain/lag/lag-memory.ts'
import { packLooks, unpackLooks } from '../../domain/lag/packed-looks.ts'
import type { PartitionLook } from '../../domain/lag/partition-look.ts'
import { partitionName } from '../../domain/record.ts'
import { lagKey } from './item-keys.ts'
import { bytes, type Item, integer, optional, StoredItem, text } from './stored-item.ts'

/** A part of what is remembered of lag; what concerns the whole link is in the first one. */
export interface StoredChunk extends LagMemory {
  readonly chunk: number
  /** How many there are. */
  readonly chunks: number
}

interface Chunk {
  readonly chunk: number
  readonly chunks: number
  readonly looks: readonly PartitionLook[]
  readonly ended: readonly PartitionLook[]
}

export const chunkItem = (memory: Omit<LagMemory, 'looks' | 'ended'>, { chunk, chunks, looks, ended }: Chunk): Item => {
  const { at, topicsAt, sourceUnreachableSince, failover, accounts } = memory
  const packed = packLooks(looks)
  const { pk, sk } = lagKey(chunk)
  return {
    pk: text(pk),
    sk: text(sk),
    at: integer(at),
    chunks: integer(chunks),
    names: { L: packed.names.map(text) },
    looks: bytes(packed.bytes),
    ...(ended.length > 0 && endedAttributes(ended)),
    ...(chunk === 0 && {
      ...optional('topicsAt', topicsAt === undefined ? undefined : integer(topicsAt)),
      ...optional(
        'unreachableSince',
        sourceUnreachableSince === undefined ? undefined : integer(sourceUnreachableSince),
      ),
      ...optional('failover', failover && text(JSON.stringify(failover))),
      ...optional('accounts', accounts && text(JSON.stringify(accounts))),
    }),
  }
}

const endedAttributes = (ended: readonly PartitionLook[]): Item => {
  const packed = packLooks(ended)
  return { endedNames: { L: packed.names.map(text) }, ended: bytes(packed.bytes) }
}

export const parseChunk = (item: Item): StoredChunk => {
  const stored = new StoredItem(item)
  return {
    chunk: Number(stored.text('sk')),
    chunks: stored.number('chunks'),
    at: stored.number('at'),
    looks: new Map(looksIn(stored, 'looks', 'names').map((look) => [partitionName(look), look])),
    ...(stored.has('ended') && { ended: endedIn(stored) }),
    ...(stored.has('topicsAt') && { topicsAt: stored.number('topicsAt') }),
    ...(stored.has('unreachableSince') && { sourceUnreachableSince: stored.number('unreachableSince') }),
    ...(stored.has('failover') && { failover: jsonIn<FailoverLoss>(stored, 'failover') }),
    ...(stored.has('accounts') && { accounts: jsonIn<Accounts>(stored, 'accounts') }),
  }
}

const endedIn = (stored: StoredItem): EndedLives =>
  new Map(looksIn(stored, 'ended', 'endedNames').map((life) => [lifeName(life), life]))

const looksIn = (stored: StoredItem, name: string, names: string): readonly PartitionLook[] => {
  try {
    return unpackLooks({ names: stored.texts(names), bytes: stored.bytes(name) })
  } catch (cause) {
    if (cause instanceof RangeError) return stored.refuse(name, 'packed looks', cause)
    throw cause
  }
}

const jsonIn = <Value>(stored: StoredItem, name: string): Value => {
  try {
    return JSON.parse(stored.text(name))
  } catch (cause) {
    if (cause instanceof SyntaxError) return stored.refuse(name, 'JSON', cause)
    throw cause
  }
}
