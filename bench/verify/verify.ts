import { join } from 'node:path'
import type { Codec } from '../../local/check/record-compression.ts'
import { randomBytes, seededRandom } from '../../local/corpus/corpus-records.ts'
import { RecordAppender } from '../../local/corpus/record-appender.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { createTopic, dropTopic, startBenchCluster } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report, Target } from '../bench-part.ts'
import { runMeasured } from '../measured-process.ts'
import { openAccess } from '../replicator.ts'
import { formatFigure } from '../spread.ts'
import type { VerifyFigures, VerifyJob } from './verify-runner.ts'

const RUNNER = join(import.meta.dirname, 'verify-runner.ts')
const MEBIBYTE = 1024 ** 2
const FUNCTION_MIB = 512
/** The heap that Node gives itself in a function of that size. */
const HEAP_OPTIONS = ['--max-heap-size=259']
/** Of 1 MB and more, packed or not. */
const LARGE_BATCHES = { 'max.message.bytes': '40000000', 'retention.ms': '-1' }
const FILLER = 'the same words again and again, '

interface VerifyCase extends Pick<VerifyJob, 'partitions' | 'samples'> {
  readonly name: string
  readonly codec: Codec
  readonly valueBytes: number
  readonly batches: number
  readonly recordsPerBatch: number
  /** Of bytes that no codec makes smaller. */
  readonly random?: true
}

const largeBatch = (codec: Codec, more: Partial<VerifyCase> = {}): VerifyCase => ({
  name: `one batch of 100 MB, ${codec}`,
  codec,
  valueBytes: 1_000,
  batches: 1,
  recordsPerBatch: 100_000,
  partitions: 1,
  ...more,
})

const casesOf = (quick: boolean): readonly VerifyCase[] => [
  { ...largeBatch('none'), name: 'nothing but one record', batches: 1, recordsPerBatch: 1 },
  {
    ...largeBatch('none'),
    name: '1 KB, none, 500 a batch',
    random: true,
    batches: quick ? 200 : 1_000,
    recordsPerBatch: 500,
  },
  { ...largeBatch('zstd'), name: '1 KB, zstd, 500 a batch', batches: quick ? 200 : 1_000, recordsPerBatch: 500 },
  {
    ...largeBatch('none'),
    name: '1 MB, none',
    valueBytes: 1_000_000,
    random: true,
    batches: quick ? 100 : 500,
    recordsPerBatch: 1,
  },
  { ...largeBatch('zstd'), name: '10 bytes, zstd, a batch of 500,000', valueBytes: 10, recordsPerBatch: 500_000 },
  ...(['gzip', 'lz4', 'zstd'] as const).map((codec) => largeBatch(codec)),
  { ...largeBatch('snappy'), name: 'one batch of 15 MB, snappy in one block', recordsPerBatch: 15_000 },
  { ...largeBatch('snappy'), name: 'one batch of 100 MB, snappy in one block: refused' },
  ...(['gzip', 'lz4', 'zstd'] as const).map((codec) =>
    largeBatch(codec, { name: `samples of 8 batches of 100 MB, ${codec}`, partitions: 8, samples: 16 }),
  ),
  {
    ...largeBatch('none'),
    name: 'samples of records of 15 MB, none',
    valueBytes: 15_000_000,
    random: true,
    batches: 2,
    recordsPerBatch: 1,
    partitions: 4,
    samples: 16,
  },
  {
    ...largeBatch('zstd'),
    name: 'samples of 1,000 partitions',
    recordsPerBatch: 100,
    partitions: 1_000,
    samples: 1_000,
  },
]

const fill = async (cluster: LocalCluster, topic: string, shape: VerifyCase): Promise<void> => {
  const appender = new RecordAppender(cluster)
  const random = seededRandom(shape.valueBytes)
  const varied = shape.random ? randomBytes(random, shape.valueBytes) : Buffer.alloc(shape.valueBytes, FILLER)
  try {
    for (let partition = 0; partition < shape.partitions; partition++)
      for (let batch = 0; batch < shape.batches; batch++) {
        const records = Array.from({ length: shape.recordsPerBatch }, (_, at) => {
          const value = shape.recordsPerBatch < 1_000 ? Buffer.from(varied) : varied
          const number = batch * shape.recordsPerBatch + at
          if (value !== varied) value.write(`${number} `)
          return { timestamp: 1_790_000_000_000 + number, key: Buffer.from(`${number}`), value, headers: [] }
        })
        await appender.append(topic, partition, records, shape.codec)
      }
  } finally {
    await appender.close()
  }
}

const measure = async (shape: VerifyCase, number: number, cluster: LocalCluster): Promise<VerifyFigures> => {
  const { partitions, samples } = shape
  const [topic, replica] = [`verified-${number}`, `replica-${number}`]
  for (const name of [topic, replica]) {
    await createTopic(cluster, name, partitions, LARGE_BATCHES)
    await fill(cluster, name, shape)
  }
  const access = { source: openAccess('source', cluster), target: openAccess('target', cluster) }
  const records = shape.batches * shape.recordsPerBatch
  const job: VerifyJob = { ...access, topic, replica, partitions, records, ...(samples !== undefined && { samples }) }
  try {
    return await runMeasured<VerifyFigures>(RUNNER, job, HEAP_OPTIONS)
  } finally {
    for (const name of [topic, replica]) await dropTopic(cluster, name)
  }
}

const rowOf = ({ name, valueBytes }: VerifyCase, { verified, seconds, cpuSeconds, ...figures }: VerifyFigures) => [
  name,
  formatFigure(figures.peakMemoryBytes / MEBIBYTE),
  formatFigure(verified / seconds),
  formatFigure((verified * valueBytes) / 1e6 / seconds),
  figures.refused === undefined ? formatFigure((cpuSeconds * 1e9) / Math.max(1, verified * valueBytes)) : 'refused',
]

const targetOf = (results: ReadonlyMap<VerifyCase, VerifyFigures>): Target => {
  const [highest] = [...results].toSorted(([, one], [, other]) => other.peakMemoryBytes - one.peakMemoryBytes)
  const peak = (highest?.[1].peakMemoryBytes ?? 0) / MEBIBYTE
  const most = (FUNCTION_MIB * 2) / 3
  return {
    what: `${highest?.[0].name ?? 'nothing'}: peak of the whole process`,
    wanted: `at most ${formatFigure(most)} MiB, two thirds of the function`,
    measured: `${formatFigure(peak)} MiB`,
    held: peak <= most,
  }
}

const run = async ({ folder, quick, say }: BenchOptions): Promise<Report> => {
  await using resources = new AsyncDisposableStack()
  const cluster = await startBenchCluster('both', folder)
  resources.defer(() => cluster.stop())
  const results = new Map<VerifyCase, VerifyFigures>()
  for (const [number, shape] of casesOf(quick).entries()) {
    const figures = await measure(shape, number, cluster)
    if (figures.verified === 0 && figures.refused === undefined) throw new Error(`${shape.name}: nothing was verified`)
    say(`verify: ${rowOf(shape, figures).join(' · ')}${figures.refused === undefined ? '' : `\n  ${figures.refused}`}`)
    results.set(shape, figures)
  }
  return {
    tables: [
      {
        title: 'Verification in a process of its own, with the heap that Node gives itself in 512 MiB',
        columns: ['records', 'peak MiB', 'records/s', 'MB/s', 'CPU s/GB'],
        rows: [...results].map(([shape, figures]) => rowOf(shape, figures)),
      },
    ],
    targets: [targetOf(results)],
    notes: [
      'resident memory of the whole process at its highest; Lambda counts its own runtime process too, some tens of MiB',
      'both topics lie on one broker; records and MB are those of the source, each is read on either side',
      'samples are stretches of 500 records at random places, some at a time: a batch is unpacked from its beginning for each',
      'the client of the bench packs snappy in one block, Java’s library in blocks of 32 KiB, which are unpacked one by one',
    ],
  }
}

export const verify: BenchPart = {
  name: 'verify',
  about: 'Memory and speed of comparing both clusters, whatever batches unpack to',
  quickSizes: '100 MB instead of 500 of each ordinary shape',
  run,
}
