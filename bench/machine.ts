import { cpus, loadavg, totalmem } from 'node:os'
import { runProcess } from '../local/machine/owned-process.ts'

const GIBIBYTE = 1024 ** 3

/** The version of Kafka that the bench runs, brokers and tools alike. */
export const BENCH_KAFKA = '4.3.1'

/** What the figures depend on, in one line, without naming the machine. */
export const describeMachine = async (): Promise<string> => {
  const cores = cpus()
  const java = /version "([^"]+)"/.exec(await runProcess('java', ['-version']))?.[1] ?? 'of unknown version'
  return [
    `${cores[0]?.model.trim() ?? 'unknown CPU'}, ${cores.length} cores`,
    `${Math.round(totalmem() / GIBIBYTE)} GiB of memory`,
    `${process.platform} ${process.arch}`,
    `Node ${process.versions.node}`,
    `Java ${java}`,
    `Kafka ${BENCH_KAFKA}`,
  ].join(', ')
}

/** How busy the machine is now, in processes that run or wait to. */
export const describeLoad = (): string => {
  const [minute = 0, fiveMinutes = 0] = loadavg()
  return `load average ${minute.toFixed(1)} over one minute and ${fiveMinutes.toFixed(1)} over five`
}
