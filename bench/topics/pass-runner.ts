import { setTimeout as pause } from 'node:timers/promises'
import { startDeadline } from '../../shared/adapters/running-deadline.ts'
import { connectTopicSync } from '../../shared/adapters/topic-sync-connections.ts'
import { parseSyncOrder } from '../../shared/config/sync-order.ts'
import { passReport } from '../../shared/usecases/topics/pass-report.ts'
import { syncTopics } from '../../shared/usecases/topics/sync-topics.ts'
import { printFigures } from '../measured-process.ts'
import { peakMemoryBytes, Stopwatch } from '../stopwatch.ts'
import { BENCH_PLACE } from './bench-link.ts'
import { RequestCount } from './request-count.ts'

export interface PassJob {
  /** As the function has it built in. */
  readonly order: string
  readonly passes: 'until-in-step' | number
  readonly environment: Readonly<Record<string, string>>
}

export interface PassFigures {
  readonly seconds: number
  readonly steps: number
  readonly failed: number
  readonly faulted: number
  readonly requests: Readonly<Record<string, number>>
}

export interface RunnerFigures {
  readonly passes: readonly PassFigures[]
  readonly cpuSeconds: number
  readonly peakMemoryBytes: number
}

/** As the deployed function has it: its timeout, less what is left to answering. */
const DEADLINE_MS = 53_000
/** Brokers that make thousands of logs show them later; the schedule would wait for the rest of the minute. */
const BETWEEN_MS = 5_000
const MOST_PASSES = 20

/** Passes over the topics of a link in a process of their own: `node pass-runner.ts <job as JSON>`. */
const { order, passes, environment }: PassJob = JSON.parse(process.argv[2] ?? '')
Object.assign(process.env, environment)
const requests = new RequestCount()
const connected = { ...connectTopicSync(parseSyncOrder(order), BENCH_PLACE), alarm: () => undefined }
let cpuSeconds = 0

const passOnce = async (): Promise<PassFigures> => {
  const watch = new Stopwatch()
  const deadline = startDeadline(DEADLINE_MS)
  const report = passReport(await watch.measureAsync(() => syncTopics(deadline, connected)))
  deadline.end()
  cpuSeconds += watch.cpuSeconds
  const failures = report.steps.filter(({ outcome }) => outcome === 'failed')
  for (const error of new Set(failures.slice(0, 3).map((failure) => failure.error))) console.error(error)
  return {
    seconds: watch.seconds,
    steps: report.steps.length,
    failed: failures.length,
    faulted: report.faulted.length,
    requests: requests.take(),
  }
}

const done: PassFigures[] = []
const isEnough = (): boolean =>
  typeof passes === 'number' ? done.length === passes : done.at(-1)?.steps === 0 || done.length === MOST_PASSES
while (!isEnough()) {
  if (passes === 'until-in-step' && done.length > 0) await pause(BETWEEN_MS)
  done.push(await passOnce())
}
connected.close()
const figures: RunnerFigures = { passes: done, cpuSeconds, peakMemoryBytes: peakMemoryBytes() }
printFigures(figures)
process.exit(0)
