import { mkdir } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { writeDescription, writeKeeper } from '../world/kept-world.ts'
import { describeWorld, pasteLines } from '../world/world-description.ts'
import type { DemoOptions } from './demo-options.ts'
import { leaveNothing, printDocument, runHere } from './demo-process.ts'
import { exitCode } from './demo-run.ts'
import { SCENARIOS } from './scenarios/scenarios.ts'

// Runs a scenario and keeps its world afterwards, until it is told to end (`npm run local -- down --name …`).

interface DemoOrder {
  readonly scenario: string
  readonly options: DemoOptions
}

const keep = async (folder: string, { scenario: name, options }: DemoOrder): Promise<void> => {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name) ?? SCENARIOS[0]
  const deserted = (): void => void process.kill(process.pid, 'SIGTERM')
  process.once('disconnect', deserted)
  await mkdir(folder, { recursive: true })
  await writeKeeper(folder, process.pid)
  const { run, report } = await runHere(scenario, options, folder)
  const { world, steps } = run
  if (world === undefined) await leaveNothing(run, folder)
  else {
    const description = describeWorld(world, { name: basename(folder), keeper: process.pid })
    await writeDescription(description)
    steps.line(pasteLines(description))
  }
  printDocument(options, report)
  process.removeListener('disconnect', deserted)
  process.send?.(exitCode(report))
  if (world === undefined) process.exit()
}

const [folder = '', order = '{}'] = process.argv.slice(2)
await keep(resolve(folder), JSON.parse(order))
