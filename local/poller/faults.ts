import type { PartitionId } from '../../shared/domain/record.ts'

/** What goes wrong by choice. The same seed and the same offsets meet the same faults, whatever the timing. */
export interface Faults {
  readonly seed: number
  /** Deliver a batch twice: the second time after the first one ended, or while it runs. */
  readonly deliverTwice?: { readonly chance: number; readonly how: 'in-turn' | 'side-by-side' }
  /** Cut a batch shorter or longer when it is delivered again. */
  readonly recutOnRetry?: { readonly chance: number }
  /** Deliver a batch that succeeded once more later, when newer ones have succeeded too. */
  readonly replayOld?: { readonly chance: number; readonly remember: number }
  /** End the first attempt at a batch after `afterMs`: `abandon` lets it go on unseen while the batch is delivered again. */
  readonly timeout?: { readonly chance: number; readonly afterMs: number; readonly how: 'abandon' | 'kill' }
}

export type FaultName = Exclude<keyof Faults, 'seed'>

/** A number in [0, 1) that depends on nothing but its arguments (FNV-1a, then a finaliser). */
export const drawFor = (seed: number, name: string, { topic, partition }: PartitionId, offset: number): number => {
  let hash = 0x811c9dc5 ^ seed
  for (const character of `${name}:${topic}:${partition}:${offset}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** Whether the fault befalls the batch that starts at this offset. */
export const befalls = (
  faults: Faults | undefined,
  name: FaultName,
  partition: PartitionId,
  firstOffset: number,
): boolean => {
  const chance = faults?.[name]?.chance ?? 0
  return faults !== undefined && drawFor(faults.seed, name, partition, firstOffset) < chance
}
