import { runProcess } from '../../local/machine/owned-process.ts'

export interface ColdStart {
  /** From the start of the process to the first line of our code in it. */
  readonly nodeMs: number
  /** Reading, compiling and running the module. */
  readonly loadMs: number
  /** CPU of all threads meanwhile, which a busy machine does not lengthen. */
  readonly loadCpuMs: number
  readonly invocationsMs: readonly number[]
  /** For a function with timed calls: the calls of each invocation. */
  readonly calls: readonly ReadonlyMap<string, number>[]
}

export interface StartJob {
  readonly start: string
  readonly module: string
  /** A file with the events, JSON. */
  readonly events: string
  readonly environment: Readonly<Record<string, string>>
}

/** As the stacks set it. */
const NODE_OPTIONS = '--enable-source-maps'

/** A new process that loads the module and is invoked with the events, one after the other. */
export const coldStart = async ({ start, module, events, environment }: StartJob): Promise<ColdStart> => {
  const output = await runProcess(process.execPath, [start, module, events], {
    env: { PATH: process.env.PATH, NODE_OPTIONS, ...environment },
  })
  const marked = (mark: string): unknown[] =>
    output.split('\n').flatMap((line) => (line.startsWith(mark) ? [JSON.parse(line.slice(mark.length))] : []))
  const [figures] = marked('figures ') as Omit<ColdStart, 'calls'>[]
  if (figures === undefined) throw new Error(`starting ${module}: it printed no figures\n${output.slice(-2000)}`)
  const calls = marked('calls ') as { call: string; ms: number }[][]
  return { ...figures, calls: calls.map((of) => new Map(of.map(({ call, ms }) => [call, ms]))) }
}
