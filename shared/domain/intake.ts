import { fingerprint } from './fingerprint.ts'
import type { Head } from './head.ts'
import type { PartitionBatch, PolledRecord } from './record.ts'

/** Source offsets `from` (inclusive) to `to` (exclusive) that no delivered record has. */
export interface Hole {
  readonly from: bigint
  readonly to: bigint
}

/**
 * What is to be done with a batch, as far as the checkpoint alone can tell.
 * - `fresh`: append the records from index `first` on; those before are on the target already (`first === length`: all).
 * - `ask`: only the source can tell, see `because`; then call `admit` with its answer.
 * - `other-incarnation`: these offsets belong to another life of the topic.
 */
export type Intake =
  | { readonly kind: 'fresh'; readonly first: number }
  | {
      readonly kind: 'ask'
      readonly because: 'no-checkpoint' | 'nothing-replicated' | 'unproven-redelivery' | 'missing-offsets'
      readonly first: number
    }
  | { readonly kind: 'other-incarnation' }

const firstFresh = (records: readonly PolledRecord[], nextSource: bigint): number => {
  const due = Number(nextSource)
  const index = records.findIndex(({ offset }) => offset >= due)
  return index === -1 ? records.length : index
}

/** `undefined`: the batch does not hold the record that could prove it. */
const provesRedelivery = (records: readonly PolledRecord[], { last }: Head): boolean | undefined => {
  const witness = last && records.find(({ offset }) => offset === Number(last.source))
  return witness === undefined ? undefined : fingerprint(witness) === last?.fingerprint
}

/**
 * Decides from the checkpoint what of a batch is new. A record below the checkpoint is dropped only with proof, since a
 * topic that was deleted and created again looks exactly like a redelivery.
 */
export const decideIntake = (head: Head | undefined, { records }: PartitionBatch): Intake => {
  if (head === undefined) return { kind: 'ask', because: 'no-checkpoint', first: 0 }
  const first = firstFresh(records, head.nextSource)
  if (head.last === undefined) return { kind: 'ask', because: 'nothing-replicated', first }
  const proven = first === 0 ? true : provesRedelivery(records, head)
  if (proven === false) return { kind: 'other-incarnation' }
  if (proven === undefined) return { kind: 'ask', because: 'unproven-redelivery', first }
  const missing = holesIn(first === 0 ? records : records.slice(first), head.nextSource).length > 0
  return missing ? { kind: 'ask', because: 'missing-offsets', first } : { kind: 'fresh', first }
}

/** The stretches between `start` and the last of `records` that no record covers; `records` ascend from `start` on. */
export const holesIn = (records: readonly PolledRecord[], start: bigint): Hole[] => {
  const holes: Hole[] = []
  let next = Number(start)
  for (const { offset } of records) {
    if (offset > next) holes.push({ from: BigInt(next), to: BigInt(offset) })
    next = offset + 1
  }
  return holes
}

/**
 * Splits holes at the source's log start. Below it retention took the records, so they are lost; above it are markers or
 * compacted records, until a read finds otherwise. When retention has meanwhile passed a hole that was harmless, the
 * hole counts as lost: rather one false entry in the ledger than one that is missing.
 */
export const splitAtLogStart = (holes: readonly Hole[], logStart: bigint): { lost: Hole[]; unverified: Hole[] } => ({
  lost: holes
    .filter(({ from }) => from < logStart)
    .map(({ from, to }) => ({ from, to: to < logStart ? to : logStart })),
  unverified: holes
    .filter(({ to }) => to > logStart)
    .map(({ from, to }) => ({ from: from > logStart ? from : logStart, to })),
})
