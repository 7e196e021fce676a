import { type Run, sourceEnd, targetEnd } from './run.ts'

/**
 * Runs as bytes: a version, then three varints a run.
 *
 *   1 | source - end of the run before | target - end of the run before | length - 1 | ...
 *
 * The first run counts from 0. A commit marker between two transactions is a source gap of 1 and a target gap of 0, so
 * that such a run takes 3 bytes up to 128 records, 4 up to 16,384.
 */
const VERSION = 1
const MORE = 0x80
const SEVEN_BITS = 0x7f
const OFFSET_BITS = 63n

const START: Run = { source: 0n, target: 0n, length: 0n }

const varintSizeBytes = (value: bigint): number => {
  let size = 1
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) size += 1
  return size
}

const deltas = (before: Run, run: Run): readonly [bigint, bigint, bigint] => {
  const parts = [run.source - sourceEnd(before), run.target - targetEnd(before), run.length - 1n] as const
  if (parts.some((part) => part < 0n)) {
    throw new RangeError(`runs do not ascend at source offset ${run.source}, target offset ${run.target}`)
  }
  return parts
}

/** What packing no runs takes. */
export const PACKED_NOTHING_BYTES = 1

/** What a run adds to the runs packed before it; the first one comes after nothing. */
export const packedSizeBytes = (run: Run, before: Run = START): number =>
  deltas(before, run).reduce((size, part) => size + varintSizeBytes(part), 0)

const pushVarint = (bytes: number[], value: bigint): void => {
  let rest = value
  for (; rest > BigInt(SEVEN_BITS); rest >>= 7n) bytes.push(Number(rest & BigInt(SEVEN_BITS)) | MORE)
  bytes.push(Number(rest))
}

/** Throws a `RangeError` when the runs do not ascend in both coordinates. */
export const packRuns = (runs: readonly Run[]): Uint8Array => {
  const bytes = [VERSION]
  let before = START
  for (const run of runs) {
    for (const part of deltas(before, run)) pushVarint(bytes, part)
    before = run
  }
  return Uint8Array.from(bytes)
}

const varintsIn = (bytes: Uint8Array): bigint[] => {
  const numbers: bigint[] = []
  let value = 0n
  let shift = 0n
  for (const byte of bytes) {
    value |= BigInt(byte & SEVEN_BITS) << shift
    shift += 7n
    if (byte >= MORE && shift >= OFFSET_BITS) throw new RangeError('packed runs hold a number beyond 63 bits')
    if (byte >= MORE) continue
    numbers.push(value)
    value = 0n
    shift = 0n
  }
  if (shift > 0n) throw new RangeError('packed runs end in the middle of a number')
  return numbers
}

/** Throws a `RangeError` for bytes that `packRuns` did not write. */
export const unpackRuns = (bytes: Uint8Array): readonly Run[] => {
  if (bytes[0] !== VERSION) throw new RangeError(`packed runs of version ${bytes[0]}, known is ${VERSION}`)
  const numbers = varintsIn(bytes.subarray(1))
  if (numbers.length % 3 !== 0) throw new RangeError('packed runs end in the middle of a run')
  const runs: Run[] = []
  let before = START
  for (let at = 0; at < numbers.length; at += 3) {
    const [sourceGap = 0n, targetGap = 0n, more = 0n] = [numbers[at], numbers[at + 1], numbers[at + 2]]
    before = { source: sourceEnd(before) + sourceGap, target: targetEnd(before) + targetGap, length: more + 1n }
    runs.push(before)
  }
  return runs
}
