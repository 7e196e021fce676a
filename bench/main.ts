import { rmSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect, parseArgs } from 'node:util'
import { isUsageError, UsageError } from '../cli/usage-error.ts'
import { checkPrerequisites } from '../local/machine/prerequisites.ts'
import type { BenchPart } from './bench-part.ts'
import { describeLoad, describeMachine } from './machine.ts'
import { PARTS } from './parts.ts'
import { type Extent, formatHeading, formatReport, keepsFullResult, type Section, updatePage } from './results-page.ts'

const PAGE = join(import.meta.dirname, 'RESULTS.md')
const USAGE = `npm run bench [-- <part> …] [-- --quick] [-- --json] [-- --list]

  <part>   one or more of the parts below; all of them when none is named
  --quick  small and short, to see that it works; RESULTS.md keeps it, marked as quick, unless it has a full result
  --json   one JSON document on standard output instead of tables
  --list   names the parts
`

const say = (line: string): void => void process.stderr.write(`${line}\n`)

const listParts = (): string => PARTS.map(({ name, about }) => `  ${name.padEnd(8)} ${about}`).join('\n')

const chooseParts = (names: readonly string[]): readonly BenchPart[] => {
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name))
  if (unknown.length > 0) throw new UsageError(`there is no part ${unknown.join(', ')}; there are\n${listParts()}`)
  return names.length === 0 ? PARTS : PARTS.filter(({ name }) => names.includes(name))
}

const extentOf = ({ quickSizes }: BenchPart, quick: boolean): Extent =>
  quick ? { kind: 'quick', sizes: quickSizes } : { kind: 'full' }

const runPart = async (part: BenchPart, quick: boolean, description: string): Promise<Section> => {
  const machine = `${description}; ${describeLoad()} when it started`
  const folder = await mkdtemp(join(tmpdir(), `twinshore-bench-${part.name}-`))
  const endEarly = (): never => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) // gigabytes; what was started ends with this process
    process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, endEarly)
  try {
    const report = await part.run({ quick, folder, say })
    const date = new Date().toISOString().slice(0, 10)
    return { part: part.name, about: part.about, extent: extentOf(part, quick), date, machine, report }
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, endEarly)
    await rm(folder, { recursive: true, force: true })
  }
}

const keep = async (section: Section): Promise<void> => {
  const page = await readFile(PAGE, 'utf8').catch(() => '')
  const order = PARTS.map(({ name }) => name)
  if (keepsFullResult(page, section)) say(`${section.part}: RESULTS.md keeps its full result`)
  await writeFile(PAGE, updatePage(page, [section], order))
}

const bench = async (): Promise<void> => {
  const options = {
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    list: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  if (values.help) return void process.stdout.write(`${USAGE}\n${listParts()}\n`)
  if (values.list) return void process.stdout.write(`${listParts()}\n`)
  const parts = chooseParts(positionals)
  if (process.platform !== 'linux')
    throw new Error('measuring other processes: the bench reads /proc, which only Linux has')
  await checkPrerequisites()
  const machine = await describeMachine()
  const sections: Section[] = []
  for (const part of parts) {
    const section = await runPart(part, values.quick ?? false, machine)
    sections.push(section)
    if (!values.json) process.stdout.write(`\n${formatHeading(section)}\n\n${formatReport(section.report)}\n`)
    await keep(section)
  }
  if (values.json) process.stdout.write(`${JSON.stringify(sections)}\n`)
}

await bench().catch((error: unknown) => {
  say(isUsageError(error) ? `${error.message}\n\n${USAGE}` : inspect(error)) // with its causes
  process.exitCode = isUsageError(error) ? 2 : 1
})
