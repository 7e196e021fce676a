import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'

/** How a process ended: one of the two is set. */
interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process that ends at the latest when its owner does, even when the owner is killed with SIGKILL. */
export interface OwnedProcess {
  readonly pid: number
  /** Resolves when the process and everything it started in its group are gone. */
  readonly exited: Promise<Exit>
  /** Sends a signal to the process alone, not to what it started. */
  signal(name: NodeJS.Signals): void
  /** Asks it to end, and kills it after the grace. */
  stop(options?: { readonly graceMs?: number }): Promise<Exit>
  kill(): Promise<Exit>
}

export interface ProcessOptions {
  readonly cwd?: string
  /** The whole environment of the process; by default the owner's. */
  readonly env?: NodeJS.ProcessEnv
  /** The file that its output is appended to; by default nowhere. */
  readonly logFile?: string
  /** Called with each piece of standard output and standard error, when there is no log file. */
  readonly onOutput?: (text: string) => void
}

const DEFAULT_GRACE_MS = 10_000

let reaperInput: Writable | undefined

/** One reaper per owner. It has a session of its own, so that Ctrl-C in the terminal does not end it first. */
const reaper = (): Writable => {
  if (reaperInput !== undefined) return reaperInput
  const child = spawn('/bin/sh', [join(import.meta.dirname, 'reaper.sh')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  child.unref()
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  child.stdin.on('error', () => undefined)
  child.on('exit', () => {
    reaperInput = undefined
  })
  reaperInput = child.stdin
  return reaperInput
}

/**
 * The process names itself to the reaper before it becomes the command, so that no moment exists in which it runs and
 * nobody would end it. Its pid is that of its group, since it is started detached.
 */
const REGISTER_THEN_BECOME = 'echo "+ $$" >&3; exec 3>&-; exec "$@"'

const spawnRegistered = (command: string, args: readonly string[], options: ProcessOptions): ChildProcess => {
  const log = options.logFile === undefined ? undefined : openSync(options.logFile, 'a')
  const output = log ?? (options.onOutput === undefined ? 'ignore' : 'pipe')
  try {
    return spawn('/bin/sh', ['-c', REGISTER_THEN_BECOME, 'sh', command, ...args], {
      stdio: ['ignore', output, output, reaper()],
      detached: true,
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.env !== undefined && { env: options.env }),
    })
  } finally {
    if (log !== undefined) closeSync(log)
  }
}

/** Whatever the process started in its group goes with it. */
const endGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (!isGone(error)) throw error
  }
  reaper().write(`- ${pid}\n`)
}

const isGone = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ESRCH'

const forwardOutput = (child: ChildProcess, onOutput: (text: string) => void): void => {
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput)
}

/** Starts a command that can outlive nothing: not its owner, not Ctrl-C, not a SIGKILL of the owner. */
export const startProcess = (command: string, args: readonly string[], options: ProcessOptions = {}): OwnedProcess => {
  const child = spawnRegistered(command, args, options)
  const { pid } = child
  if (pid === undefined) throw new Error(`starting ${command}: no process was made; is /bin/sh there?`)
  if (options.onOutput !== undefined) forwardOutput(child, options.onOutput)

  let running = true
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', () => {
      running = false
      endGroup(pid) // before 'close', which waits for everybody who holds the output
    })
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const signal = (name: NodeJS.Signals): void => {
    if (running) child.kill(name)
  }
  const kill = (): Promise<Exit> => {
    signal('SIGKILL')
    return exited
  }
  const stop = async ({ graceMs = DEFAULT_GRACE_MS } = {}): Promise<Exit> => {
    signal('SIGTERM')
    signal('SIGCONT')
    const impatient = setTimeout(() => signal('SIGKILL'), graceMs)
    return exited.finally(() => clearTimeout(impatient))
  }
  return { pid, exited, signal, stop, kill }
}

/** Runs a command to its end and returns its output; a command that fails throws with the end of its output. */
export const runProcess = async (
  command: string,
  args: readonly string[],
  options: Omit<ProcessOptions, 'logFile'> = {},
): Promise<string> => {
  let output = ''
  const onOutput = (text: string): void => {
    output += text
    options.onOutput?.(text)
  }
  const { code, signal } = await startProcess(command, args, { ...options, onOutput }).exited
  if (code === 0) return output
  const lastLines = output.trimEnd().split('\n').slice(-15).join('\n')
  throw new Error(`running ${command} ${args.join(' ')}: ended with ${signal ?? code}\n${lastLines}`)
}
