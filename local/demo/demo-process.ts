import { rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { DemoOptions } from './demo-options.ts'
import { type DemoReport, reportDocument } from './demo-report.ts'
import { DemoRun } from './demo-run.ts'
import type { Scenario } from './scenarios/scenario.ts'

const STOP_WITHIN_MS = 10_000

export interface DemoOutcome {
  readonly run: DemoRun
  readonly report: DemoReport
}

/** For people, unless standard output is for a program. */
export const streamOf = ({ json }: DemoOptions): NodeJS.WriteStream => (json ? process.stderr : process.stdout)

export const printDocument = ({ json }: DemoOptions, report: DemoReport): void => {
  if (json) process.stdout.write(`${reportDocument(report)}\n`)
}

/**
 * Runs a scenario as the business of this process. When somebody ends the process, at whatever moment, the world goes
 * first; what does not go in time, or is not known yet, ends with this process.
 */
export const runHere = async (scenario: Scenario, options: DemoOptions, folder: string): Promise<DemoOutcome> => {
  const run = new DemoRun(options, folder, streamOf(options))
  const end = async (code: number): Promise<void> => {
    run.steps.line('ending: everything that was started is stopped')
    await leaveNothing(run, folder)
    process.exit(code)
  }
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const)
    process.once(signal, () => void end(128 + number))
  return { run, report: await run.run(scenario) }
}

export const leaveNothing = async (run: DemoRun, folder: string): Promise<void> => {
  await Promise.race([run.stop().catch(() => undefined), pause(STOP_WITHIN_MS, undefined, { ref: false })])
  await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined)
}
