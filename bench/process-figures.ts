import { readFileSync } from 'node:fs'

/** What a process has used since it began. */
export interface ProcessFigures {
  readonly cpuSeconds: number
  readonly peakMemoryBytes: number
}

/** Linux counts in hundredths of a second for user space, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100
const KIBIBYTE = 1024
const LOOK_EVERY_MS = 50

/** `undefined` when the process is gone. */
export const processFigures = (pid: number): ProcessFigures | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    if (peak === undefined) return undefined // it has ended, and nobody has asked how
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(afterName[11]) + Number(afterName[12])
    return { cpuSeconds: ticks / TICKS_PER_SECOND, peakMemoryBytes: Number(peak) * KIBIBYTE }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')

export interface ProcessWatch {
  /** What was seen last, also when the process has ended since. */
  look(): ProcessFigures
  stop(): void
}

/** Looks at a process now and then, since nothing can be asked about it once it has ended. */
export const watchProcess = (pid: number): ProcessWatch => {
  let last: ProcessFigures = { cpuSeconds: 0, peakMemoryBytes: 0 }
  const look = (): ProcessFigures => {
    last = processFigures(pid) ?? last
    return last
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  return { look, stop: () => clearInterval(timer) }
}
