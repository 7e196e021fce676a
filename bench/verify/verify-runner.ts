import { KafkaLogReader } from '../../shared/adapters/kafka/kafka-log-reader.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { Head } from '../../shared/domain/head.ts'
import { INITIAL_STATUS } from '../../shared/domain/head.ts'
import type { KafkaAccess } from '../../shared/domain/kafka-access.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import type { VerifyPlanDeps } from '../../shared/usecases/verify/plan-verification.ts'
import type { VerifyDeps } from '../../shared/usecases/verify/verify-ports.ts'
import { verifyRange } from '../../shared/usecases/verify/verify-range.ts'
import { verifySample } from '../../shared/usecases/verify/verify-sample.ts'
import { printFigures } from '../measured-process.ts'
import { peakMemoryBytes, Stopwatch } from '../stopwatch.ts'

export interface VerifyJob {
  readonly source: KafkaAccess
  readonly target: KafkaAccess
  readonly topic: string
  readonly replica: string
  readonly partitions: number
  /** Of each partition. */
  readonly records: number
  /** Stretches at random, some at a time, as the schedule takes them; absent: all of every partition, as the command does. */
  readonly samples?: number
}

export interface VerifyFigures {
  readonly verified: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMemoryBytes: number
  /** Why it was refused. */
  readonly refused?: string
}

const DEADLINE = { at: Number.POSITIVE_INFINITY, signal: new AbortController().signal }

/** Every partition was replicated as it is, in one run. */
const headOf = (records: number): Head => ({
  incarnation: 'AAAAAAAAAAAAAAAAAAAAAA',
  nextSource: BigInt(records),
  nextTarget: BigInt(records),
  openRuns: [{ source: 0n, target: 0n, length: BigInt(records) }],
  last: undefined,
  unverifiedFrom: undefined,
  epoch: 0,
  updatedAt: 0,
})

const nowhere = (): never => {
  throw new Error('nothing of this is asked for')
}

const stateOf = ({ records }: VerifyJob): VerifyDeps['state'] => {
  const readVerified: VerifyDeps['state']['readVerified'] = async (partitions) => ({
    status: INITIAL_STATUS,
    heads: new Map(partitions.map((partition) => [partitionName(partition), headOf(records)])),
  })
  return {
    read: readVerified,
    readVerified,
    gaps: async () => [],
    pageAtSource: async () => undefined,
    pageAtTarget: async () => undefined,
    oldestPage: async () => undefined,
    confirmHoles: async () => undefined,
    recordGap: nowhere,
    markReplayed: nowhere,
    advance: nowhere,
    seal: nowhere,
    followedLife: nowhere,
    firstStart: nowhere,
  }
}

const connect = (job: VerifyJob, partitions: readonly PartitionId[]): VerifyDeps & VerifyPlanDeps => {
  const secrets = { read: nowhere }
  return {
    source: new KafkaLogReader(job.source, { secrets, side: 'source' }),
    target: new KafkaLogReader(job.target, { secrets, side: 'target' }),
    lives: { otherIncarnation: async () => undefined },
    state: stateOf(job),
    clock: Date,
    targetTopic: () => job.replica,
    isCompacted: async () => false,
    provenance: false,
    partitions: async () => partitions,
    random: Math.random,
  }
}

const verify = async (job: VerifyJob): Promise<Pick<VerifyFigures, 'verified' | 'refused'>> => {
  const partitions = Array.from({ length: job.partitions }, (_, partition) => ({ topic: job.topic, partition }))
  const deps = connect(job, partitions)
  if (job.samples !== undefined) {
    const { counts, troubles } = await verifySample(job.samples, Number.POSITIVE_INFINITY, DEADLINE, deps)
    return { verified: counts.verified, ...(troubles[0] !== undefined && { refused: troubles[0] }) }
  }
  let verified = 0
  for (const partition of partitions) {
    const { counts } = await verifyRange({ ...partition, from: 0n }, Number.POSITIVE_INFINITY, DEADLINE, deps)
    verified += counts.verified
  }
  return { verified }
}

const refusalOf = (error: unknown): Pick<VerifyFigures, 'verified' | 'refused'> => {
  if (error instanceof ReplicationError) return { verified: 0, refused: error.message }
  throw error
}

/** One verification in a process of its own: `node verify-runner.ts <job as JSON>`. */
const job: VerifyJob = JSON.parse(process.argv[2] ?? '')
const watch = new Stopwatch()
const outcome = await watch.measureAsync(() => verify(job).catch(refusalOf))
const figures: VerifyFigures = {
  ...outcome,
  seconds: watch.seconds,
  cpuSeconds: watch.cpuSeconds,
  peakMemoryBytes: peakMemoryBytes(),
}
printFigures(figures)
process.exit(0)
