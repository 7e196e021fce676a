import { fork } from 'node:child_process'
import { join } from 'node:path'
import { isUsageError, UsageError } from '../cli/usage-error.ts'
import { type DemoOptions, parseDemoOptions, USAGE } from './demo/demo-options.ts'
import { leaveNothing, printDocument, runHere } from './demo/demo-process.ts'
import { exitCode } from './demo/demo-run.ts'
import type { Scenario } from './demo/scenarios/scenario.ts'
import { SCENARIOS } from './demo/scenarios/scenarios.ts'
import { worldFolder } from './world/kept-world.ts'

const findScenario = ({ scenario: name = SCENARIOS[0].name }: DemoOptions): Scenario => {
  const found = SCENARIOS.find((scenario) => scenario.name === name)
  if (found !== undefined) return found
  throw new UsageError(`${name}: there is no such scenario; there are ${SCENARIOS.map((one) => one.name).join(', ')}`)
}

const list = ({ json }: DemoOptions): void => {
  const known = SCENARIOS.map(({ name, summary }) => ({ name, summary }))
  const widest = Math.max(...known.map(({ name }) => name.length))
  const lines = known.map(({ name, summary }) => `${name.padEnd(widest)}  ${summary}`)
  process.stdout.write(`${json ? JSON.stringify(known) : lines.join('\n')}\n`)
}

/** Runs in a process that may stay when this one has ended; until the run is over it ends with this one. */
const runKept = (scenario: Scenario, options: DemoOptions, folder: string): Promise<number> =>
  new Promise((resolve) => {
    const order = JSON.stringify({ scenario: scenario.name, options })
    const keeper = fork(join(import.meta.dirname, 'demo/demo-keeper.ts'), [folder, order], { detached: true })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void keeper.kill(signal))
    keeper.once('message', (code: number) => {
      keeper.disconnect()
      keeper.unref()
      resolve(code)
    })
    keeper.once('exit', (code) => resolve(code ?? 1))
  })

const runOnce = async (scenario: Scenario, options: DemoOptions, folder: string): Promise<number> => {
  const { run, report } = await runHere(scenario, options, folder)
  await leaveNothing(run, folder)
  printDocument(options, report)
  return exitCode(report)
}

const main = async (args: readonly string[]): Promise<number> => {
  const options = parseDemoOptions(args)
  if (options.help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  if (options.list) {
    list(options)
    return 0
  }
  const scenario = findScenario(options)
  const folder = worldFolder(`demo-${process.pid}`)
  return (options.keep ? runKept : runOnce)(scenario, options, folder)
}

try {
  process.exit(await main(process.argv.slice(2)))
} catch (error) {
  if (!isUsageError(error)) throw error
  process.stderr.write(`${error.message}\n\n${USAGE}\n`)
  process.exit(2)
}
