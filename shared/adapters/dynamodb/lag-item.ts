import type { Accounts } from '../../domain/lag/accounts.ts'
import type { FailoverLoss } from '../../domain/lag/failover-loss.ts'
import type { LagMemory } from '../../domain/lag/lag-memory.ts'
import { packLooks, unpackLooks } from '../../domain/lag/packed-looks.ts'
import type { PartitionLook } from '../../domain/lag/partition-look.ts'
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
}

export const chunkItem = (memory: Omit<LagMemory, 'looks'>, { chunk, chunks, looks }: Chunk): Item => {
  const { at, sourceUnreachableSince, failover, accounts } = memory
  const packed = packLooks(looks)
  const { pk, sk } = lagKey(chunk)
  return {
    pk: text(pk),
    sk: text(sk),
    at: integer(at),
    chunks: integer(chunks),
    names: { L: packed.names.map(text) },
    looks: bytes(packed.bytes),
    ...(chunk === 0 && {
      ...optional(
        'unreachableSince',
        sourceUnreachableSince === undefined ? undefined : integer(sourceUnreachableSince),
      ),
      ...optional('failover', failover && text(JSON.stringify(failover))),
      ...optional('accounts', accounts && text(JSON.stringify(accounts))),
    }),
  }
}

export const parseChunk = (item: Item): StoredChunk => {
  const stored = new StoredItem(item)
  return {
    chunk: Number(stored.text('sk')),
    chunks: stored.number('chunks'),
    at: stored.number('at'),
    looks: looksIn(stored),
    ...(stored.has('unreachableSince') && { sourceUnreachableSince: stored.number('unreachableSince') }),
    ...(stored.has('failover') && { failover: jsonIn<FailoverLoss>(stored, 'failover') }),
    ...(stored.has('accounts') && { accounts: jsonIn<Accounts>(stored, 'accounts') }),
  }
}

const looksIn = (stored: StoredItem): ReadonlyMap<string, PartitionLook> => {
  try {
    return unpackLooks({ names: stored.texts('names'), bytes: stored.bytes('looks') })
  } catch (cause) {
    if (cause instanceof RangeError) return stored.refuse('looks', 'packed looks', cause)
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
