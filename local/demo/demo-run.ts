import { startWorld, type World } from '../world/world.ts'
import { WORLD_STEPS, type WorldProgress, type WorldStep } from '../world/world-progress.ts'
import type { DemoOptions } from './demo-options.ts'
import { type DemoReport, held, reportText } from './demo-report.ts'
import type { Check, Figures, Scenario, Stage, WorldNeeds } from './scenarios/scenario.ts'
import { type Step, type Steps, stepsOn } from './steps.ts'

/** One run of one scenario. Whoever starts it ends it, at any time. */
export class DemoRun implements Stage {
  readonly options: DemoOptions['run']
  readonly steps: Steps
  readonly #demo: DemoOptions
  readonly #folder: string
  readonly #stream: NodeJS.WriteStream
  readonly #checks: Check[] = []
  #world: World | undefined

  /** `folder`: for the data of the world; `stream`: for people. */
  constructor(demo: DemoOptions, folder: string, stream: NodeJS.WriteStream) {
    this.options = demo.run
    this.steps = stepsOn(stream)
    this.#demo = demo
    this.#folder = folder
    this.#stream = stream
  }

  /** Undefined while it is not up. */
  get world(): World | undefined {
    return this.#world
  }

  async run(scenario: Scenario): Promise<DemoReport> {
    let figures: Figures = {}
    let error: string | undefined
    try {
      figures = await scenario.run(this)
    } catch (cause) {
      error = cause instanceof Error ? cause.message : String(cause)
    }
    const report = { scenario: scenario.name, checks: this.#checks, figures, ...(error !== undefined && { error }) }
    this.steps.line(reportText(report, this.#stream))
    return report
  }

  check(name: string, { held: holds, measured, expected }: Parameters<Stage['check']>[1]): void {
    this.#checks.push({ name, held: holds, measured: String(measured), expected: String(expected) })
  }

  async startWorld(needs: WorldNeeds): Promise<World> {
    const shown = new ShownProgress()
    const showing = this.steps.sideBySide(shown.steps)
    showing.catch(() => undefined) // the world says it too
    try {
      const options = { ...this.#demo.world, ...needs, folder: this.#folder, onProgress: shown.tell }
      this.#world = await startWorld(options)
    } catch (error) {
      shown.fail(error)
      await showing.catch(() => undefined)
      throw error
    }
    await showing
    return this.#world
  }

  async stop(): Promise<void> {
    await this.#world?.stop()
  }
}

/** The steps in which a world comes up, each shown until it is done. */
class ShownProgress {
  readonly #ended = new Map<WorldStep, PromiseWithResolvers<void>>()
  readonly #say = new Map<WorldStep, (line: string) => void>()

  readonly steps: readonly Step<void>[] = names.map((step) => {
    const ended = Promise.withResolvers<void>()
    this.#ended.set(step, ended)
    return {
      title: WORLD_STEPS[step],
      act: (say) => {
        this.#say.set(step, say)
        return ended.promise
      },
    }
  })

  readonly tell: WorldProgress = (step, what) => {
    if (what.kind === 'says') this.#say.get(step)?.(what.line)
    if (what.kind === 'done') this.#ended.get(step)?.resolve()
  }

  /** What has not been done will not be. */
  fail(error: unknown): void {
    for (const { reject } of this.#ended.values()) reject(error)
  }
}

const names = Object.keys(WORLD_STEPS) as WorldStep[]

export const exitCode = (report: DemoReport): number => (held(report) ? 0 : 1)
