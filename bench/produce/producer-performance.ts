import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startProcess } from '../../local/machine/owned-process.ts'
import { kafkaToolJars } from '../../local/machine/toolchain.ts'
import { type ProcessFigures, watchProcess } from '../process-figures.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'
import { type RecordShape, valuesOf } from './record-shape.ts'

export const PRODUCER_PERFORMANCE_SETTINGS =
  "Kafka's own tool and JVM settings, batch.size=524288 linger.ms=10 buffer.memory=67108864, idempotent, values as ready bytes"

const PRODUCER_PROPERTIES = ['acks=all', 'batch.size=524288', 'linger.ms=10', 'buffer.memory=67108864']
const JVM = ['-Xmx512m', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35']
const REPORT_EVERY_MS = 100

/** One line of the tool: what was acknowledged since the line before. The line of totals goes on with percentiles. */
const REPORT = /^(\d+) records sent, .* ms max latency\.$/

interface Moment extends ProcessFigures {
  readonly at: number
  /** Since the tool began. */
  readonly records: number
}

const commandLine = (job: ContestJob, jars: string, payloads: string, shape: RecordShape): string[] => {
  const records = Math.ceil((job.warmUpBytes + job.bytes) / shape.valueBytes)
  const properties = [...PRODUCER_PROPERTIES, `compression.type=${shape.compression}`]
  return [
    ...JVM,
    '-cp',
    `${jars}/*`,
    'org.apache.kafka.tools.ProducerPerformance',
    ...['--topic', job.topics[0], '--num-records', String(records), '--throughput', '-1', '--payload-file', payloads],
    ...['--bootstrap-server', job.bootstrapServers.join(','), '--reporting-interval', String(REPORT_EVERY_MS)],
    '--command-property',
    ...properties,
  ]
}

/** Counted from the first report after the warm-up to the last one, so that neither start nor end of the JVM weighs. */
export const contendProducerPerformance = async (job: ContestJob, folder: string): Promise<ContestFigures> => {
  const { shape } = job
  const payloads = join(folder, `payloads-${shape.valueBytes}-${shape.content}.txt`)
  await writeFile(payloads, valuesOf(shape).join('\n'))
  const { moments, output, code } = await followReports(commandLine(job, await kafkaToolJars(), payloads, shape))
  if (code !== 0) throw new Error(`running ProducerPerformance: ended with ${code}\n${output}`)
  return figuresBetween(moments, job.warmUpBytes / shape.valueBytes, shape)
}

const followReports = async (command: readonly string[]) => {
  const moments: Moment[] = []
  let output = ''
  let unread = ''
  let records = 0
  const tool = startProcess('java', command, {
    onOutput: (text) => {
      output += text
      const lines = (unread + text).split('\n')
      unread = lines.pop() ?? ''
      for (const line of lines) {
        const sent = REPORT.exec(line)?.[1]
        if (sent === undefined) continue
        records += Number(sent)
        moments.push({ at: performance.now(), records, ...watch.look() })
      }
    },
  })
  const watch = watchProcess(tool.pid)
  const { code } = await tool.exited
  watch.stop()
  return { moments, output, code }
}

const figuresBetween = (moments: readonly Moment[], warmUpRecords: number, shape: RecordShape): ContestFigures => {
  const first = moments.find(({ records }) => records >= warmUpRecords)
  const last = moments.at(-1)
  if (first === undefined || last === undefined || first === last)
    throw new Error('running ProducerPerformance: it was over before it could be measured; give it more to do')
  const records = last.records - first.records
  return {
    bytes: records * shape.valueBytes,
    records,
    seconds: (last.at - first.at) / 1000,
    cpuSeconds: last.cpuSeconds - first.cpuSeconds,
    peakMemoryBytes: last.peakMemoryBytes,
  }
}
