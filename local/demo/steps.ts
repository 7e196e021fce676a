import { Listr, ListrLogger, ProcessOutput } from 'listr2'
import type { Say } from '../machine/download-cache.ts'

export interface Step<Result> {
  readonly title: string
  readonly act: (say: Say) => Promise<Result>
}

/** Shows work while it goes on: live on a terminal, otherwise a line when something is done. */
export interface Steps {
  show<Result>(title: string, act: (say: Say) => Promise<Result>): Promise<Result>
  /** Steps that go on at the same time. */
  sideBySide(steps: readonly Step<void>[]): Promise<void>
  line(text: string): void
}

export const stepsOn = (stream: NodeJS.WriteStream): Steps =>
  stream.isTTY && stream.columns > 0 ? liveSteps(stream) : plainSteps(stream)

const liveSteps = (stream: NodeJS.WriteStream): Steps => {
  const logger = new ListrLogger<never>({ useIcons: false, processOutput: new ProcessOutput(stream, stream) })
  const run = async (steps: readonly Step<void>[]): Promise<void> => {
    const tasks = steps.map(({ title, act }) => ({
      title,
      task: (_: unknown, task: { output: string }) =>
        act((line) => {
          task.output = line
        }),
    }))
    await new Listr(tasks, {
      concurrent: true,
      registerSignalListeners: false, // whoever owns the world ends it
      renderer: 'default',
      fallbackRendererCondition: false,
      rendererOptions: { logger, showErrorMessage: false },
    }).run()
  }
  return {
    async show(title, act) {
      const results: Awaited<ReturnType<typeof act>>[] = []
      await run([
        {
          title,
          act: async (say) => {
            results.push(await act(say))
          },
        },
      ])
      return onlyOf(results)
    },
    sideBySide: run,
    line: (text) => void stream.write(`${text}\n`),
  }
}

const onlyOf = <Result>([result]: readonly Result[]): Result => result as Result

const SAY_EVERY_MS = 5_000

/** Where nothing can be overwritten, a line every few seconds shows well enough that it goes on. */
const seldom = (say: Say): Say => {
  let saidAt = performance.now()
  return (line) => {
    if (performance.now() - saidAt < SAY_EVERY_MS) return
    saidAt = performance.now()
    say(line)
  }
}

const plainSteps = (stream: NodeJS.WriteStream): Steps => {
  const run = async <Result>({ title, act }: Step<Result>): Promise<Result> => {
    const began = performance.now()
    try {
      const result = await act(seldom((line) => stream.write(`      ${title}: ${line}\n`)))
      stream.write(`done: ${title} (${((performance.now() - began) / 1000).toFixed(1)} s)\n`)
      return result
    } catch (error) {
      stream.write(`failed: ${title}\n`)
      throw error
    }
  }
  return {
    show: (title, act) => run({ title, act }),
    async sideBySide(steps) {
      await Promise.all(steps.map(run))
    },
    line: (text) => void stream.write(`${text}\n`),
  }
}
