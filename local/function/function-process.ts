import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Invoke } from '../poller/invocations.ts'
import type { InvokeResult } from '../poller/verdict.ts'
import type { FromWorker, KillPoint, ReportedOutcome, ToWorker } from './function-messages.ts'

export interface FunctionOptions {
  /** What Lambda would put into its environment; endpoints and credentials for the local AWS included. */
  readonly environment: Readonly<Record<string, string>>
  /** @default 60 s */
  readonly timeoutMs?: number
}

/** The replicate function in a process of its own. Who dies is started again at the next invocation, cold as on Lambda. */
export interface FunctionProcess {
  readonly invoke: Invoke
  /** What each partition of each invocation came to, in the order of the reports. */
  readonly outcomes: readonly ReportedOutcome[]
  readonly deaths: number
  /** What CloudWatch would take metrics from: the lines of the log that hold any. */
  readonly metricLines: readonly string[]
  /** Lets the process die at this point, once. */
  killAt(point: KillPoint): Promise<void>
  kill(): Promise<void>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  stop(): Promise<void>
}

const WORKER = join(import.meta.dirname, 'function-worker.ts')
const DEFAULT_TIMEOUT_MS = 60_000
const METRIC_LINE = /"_aws"/

export const startFunction = (options: FunctionOptions): FunctionProcess => new RunningFunction(options)

class RunningFunction implements FunctionProcess {
  readonly outcomes: ReportedOutcome[] = []
  readonly metricLines: string[] = []
  deaths = 0
  readonly #options: FunctionOptions
  readonly #waiting = new Map<number, (result: InvokeResult) => void>()
  #worker: Promise<ChildProcess> | undefined
  #invocations = 0

  constructor(options: FunctionOptions) {
    this.#options = options
  }

  invoke: Invoke = async (payload, { signal }) => {
    const worker = await this.#running()
    const id = ++this.#invocations
    const result = new Promise<InvokeResult>((resolve) => this.#waiting.set(id, resolve))
    const timeOut = (): void => this.#settle(id, { kind: 'timed-out' })
    signal.addEventListener('abort', timeOut, { once: true })
    this.#tell(worker, { kind: 'invoke', id, payload, timeoutMs: this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS })
    return result.finally(() => signal.removeEventListener('abort', timeOut))
  }

  async killAt(killPoint: KillPoint): Promise<void> {
    this.#tell(await this.#running(), { kind: 'arm', killPoint })
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    void this.#worker?.then((worker) => worker.kill(name))
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  #running(): Promise<ChildProcess> {
    this.#worker ??= this.#start()
    return this.#worker
  }

  async #start(): Promise<ChildProcess> {
    const worker = fork(WORKER, {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { PATH: process.env['PATH'], ...this.#options.environment },
    })
    if (worker.stdout !== null)
      createInterface(worker.stdout).on('line', (line) => void (METRIC_LINE.test(line) && this.metricLines.push(line)))
    worker.on('message', (message: FromWorker) => this.#hear(message))
    worker.once('exit', (code, signal) => this.#died(`the function's process ended with ${signal ?? code}`))
    const [first] = await Promise.race([once(worker, 'message'), once(worker, 'exit')])
    if (worker.exitCode !== null || worker.signalCode !== null)
      throw new Error(`starting the function: it ended with ${first}`)
    return worker
  }

  #tell(worker: ChildProcess, message: ToWorker): void {
    if (worker.connected) worker.send(message)
  }

  #hear(message: FromWorker): void {
    if (message.kind === 'report') this.outcomes.push(...message.outcomes)
    if (message.kind === 'succeeded') this.#settle(message.id, { kind: 'succeeded', response: Buffer.alloc(0) })
    if (message.kind === 'failed') this.#settle(message.id, { kind: 'failed', reason: message.message })
  }

  #settle(id: number, result: InvokeResult): void {
    this.#waiting.get(id)?.(result)
    this.#waiting.delete(id)
  }

  #died(reason: string): void {
    this.#worker = undefined
    this.deaths++
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { kind: 'failed', reason })
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const worker = await this.#worker?.catch(() => undefined)
    if (worker === undefined || worker.exitCode !== null || worker.signalCode !== null) return
    worker.kill('SIGCONT')
    worker.kill(signal)
    await once(worker, 'exit')
  }
}
