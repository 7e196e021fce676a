import { ReplicationError } from '../../domain/errors.ts'
import { lifeName, type TailLife, TailWalk, type UnreadStretch } from '../../domain/failover/exported-tail.ts'
import type { TailPart } from '../../domain/failover/stranded-tail.ts'
import type { LogRecord } from '../../domain/log-record.ts'
import type { PartitionId } from '../../domain/record.ts'
import type { Deadline } from '../ports.ts'
import type { ReadableTails, TailObject, TailStretch } from './tail-ports.ts'

export type TailFinding =
  | (TailLife & { readonly kind: 'record'; readonly record: LogRecord })
  | (UnreadStretch & { readonly kind: 'unread' })

export interface TailReading {
  readonly execution: string
  /** What the ledger knows of it. */
  readonly parts: readonly TailPart[]
  readonly wanted: (partition: PartitionId) => boolean
}

/**
 * The exported tail of a failover, record by record and each once, although pieces may overlap since somebody died between
 * keeping and remembering one; and what cannot be read of it. Holds one piece at a time.
 */
export async function* readTail(
  { execution, parts, wanted }: TailReading,
  store: Pick<ReadableTails, 'objects' | 'fetch'>,
  deadline: Deadline,
): AsyncGenerator<TailFinding> {
  const walks = new Map(
    parts.filter(wanted).map((part) => [lifeName(part), new TailWalk({ ...part, from: part.first }, part)]),
  )
  for await (const object of store.objects(execution, deadline)) {
    if (!wanted(object)) continue
    const walk = walks.get(lifeName(object)) ?? new TailWalk(object)
    walks.set(lifeName(object), walk)
    yield* pieceOf(object, walk, store, deadline)
  }
  for (const walk of walks.values()) yield* walk.end().map(unread)
}

const unread = (stretch: UnreadStretch): TailFinding => ({ kind: 'unread', ...stretch })

async function* pieceOf(
  object: TailObject,
  walk: TailWalk,
  store: Pick<ReadableTails, 'fetch'>,
  deadline: Deadline,
): AsyncGenerator<TailFinding> {
  if (object.to <= walk.at) return
  yield* walk.upTo(object.from).map(unread)
  const stretch = await unlessDamaged(store.fetch(object, deadline))
  if (stretch instanceof ReplicationError) return walk.damaged(object, stretch.message)
  const { topic, partition, incarnation } = object
  for (const record of stretch.records)
    if (record.offset >= walk.at) yield { kind: 'record', topic, partition, incarnation, record }
  walk.passed(object)
}

const unlessDamaged = async (fetched: Promise<TailStretch>): Promise<TailStretch | ReplicationError> => {
  try {
    return await fetched
  } catch (error) {
    if (error instanceof ReplicationError && error.code === 'TAIL_DAMAGED') return error
    throw error
  }
}
