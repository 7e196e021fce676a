import type { Hole } from '../intake.ts'
import type { PartitionId } from '../record.ts'

/** So many source offsets are one sample: a fetch or two on either side. */
export const SAMPLE_OFFSETS = 500n

export type ReplicatedStretch = PartitionId & Hole

/** Some stretches of each topic at random; each record is as likely as any other, so that large partitions come oftener. */
export const chooseSamples = (
  stretches: readonly ReplicatedStretch[],
  perTopic: number,
  random: () => number,
): readonly ReplicatedStretch[] =>
  [...Map.groupBy(stretches, ({ topic }) => topic).values()].flatMap((ofTopic) => {
    const size = ofTopic.reduce((sum, { from, to }) => sum + (to - from), 0n)
    const chosen = size === 0n ? 0 : perTopic
    return Array.from({ length: chosen }, () => stretchAt(ofTopic, randomBelow(size, random)))
  })

const stretchAt = (stretches: readonly ReplicatedStretch[], at: bigint): ReplicatedStretch => {
  let left = at
  for (const { from, to, ...partition } of stretches) {
    if (left < to - from) return { ...partition, from: from + left, to: smaller(from + left + SAMPLE_OFFSETS, to) }
    left -= to - from
  }
  throw new RangeError('a sample lies behind all that there is')
}

const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other)

/** Logs are far shorter than the 2^53 that a random number tells apart. */
const randomBelow = (size: bigint, random: () => number): bigint => BigInt(Math.floor(random() * Number(size)))
