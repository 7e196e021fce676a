import type { SourceLog, TargetLog } from '../../shared/usecases/ports.ts'

export const INCARNATION = 'bench-incarnation-0001'

/** A source that answers at once, and a target that takes everything at once, so that only the state is measured. */
export const instantSource: SourceLog = {
  describe: async (partition) => ({ ...partition, incarnation: INCARNATION, logStart: 0n, logEnd: 2n ** 62n }),
  otherIncarnation: async () => undefined,
  clusterId: async () => 'source',
}

export const instantTarget = (): TargetLog => {
  const ends = new Map<number, bigint>()
  return {
    append: async ({ partition, records }) => {
      const target = ends.get(partition) ?? 0n
      ends.set(partition, target + BigInt(records.length))
      return { placed: [{ first: 0, count: records.length, target }], bytes: 0 }
    },
    clusterId: async () => 'target',
  }
}
