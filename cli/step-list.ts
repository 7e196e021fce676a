import { styleText } from 'node:util'
import {
  type AnyStep,
  CLOSING_STEPS,
  FAILOVER_STEPS,
  type StepRecord,
} from '../shared/domain/failover/failover-step.ts'
import { atMost, durationText } from '../shared/domain/failover/report-text.ts'
import { type TimelineBar, timelineOf } from '../shared/domain/failover/report-times.ts'
import type { ProgressStream } from './progress-bar.ts'

const MARKS = { done: '✔', again: '…', refused: '✖', failed: '✖' } as const
const COLOURS = { done: 'green', again: 'yellow', refused: 'red', failed: 'red' } as const
const WIDEST = 76

/** The steps of an execution as they go: drawn again and again on a terminal; elsewhere a line for each thing that is new. */
export class StepList {
  readonly #stream: ProgressStream
  /** Lines that are drawn and may be drawn over. */
  #drawn = 0
  readonly #told = new Map<string, string>()

  constructor(stream: ProgressStream = process.stderr) {
    this.#stream = stream
  }

  show(records: readonly StepRecord[], now: number): void {
    if (this.#stream.isTTY === true) this.#draw(records, now)
    else this.#tell(records)
  }

  /** What is drawn stays, and whatever comes is written below it. */
  leave(): void {
    this.#drawn = 0
  }

  #draw(records: readonly StepRecord[], now: number): void {
    const lines = linesOf(records, now)
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`
    this.#stream.write(`${up}${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`)
    this.#drawn = lines.length
  }

  #tell(records: readonly StepRecord[]): void {
    for (const record of inOrder(records)) {
      const name = `${record.step}#${record.attempt}`
      const line = `${record.step.padEnd(10)} ${record.outcome.padEnd(8)} ${record.message}`
      if (this.#told.get(name) !== line) this.#stream.write(`${line}\n`)
      this.#told.set(name, line)
    }
  }
}

const inOrder = (records: readonly StepRecord[]): readonly StepRecord[] =>
  [...records].sort((one, other) => one.startedAt - other.startedAt || one.attempt - other.attempt)

const ORDER: readonly AnyStep[] = FAILOVER_STEPS
const TO = { stream: process.stderr }

const isClosing = (step: AnyStep): boolean => CLOSING_STEPS.some((one) => one === step)

/** What was done, and what a failover that goes well still has to do. */
const linesOf = (records: readonly StepRecord[], now: number): readonly string[] => {
  const done = timelineOf(records)
  const others = inOrder(records).filter(({ step }) => step === 'report' || step === 'release')
  const lines = [
    ...done.map((bar) =>
      bar === done.at(-1) ? lineOf(bar, bar.outcome === 'again' ? now : bar.endedAt) : passed(bar),
    ),
    ...others.map((record) => lineOf(record, record.endedAt)),
  ]
  if (records.some(({ step }) => isClosing(step))) return lines
  const last = Math.max(-1, ...records.map(({ step }) => ORDER.indexOf(step)))
  const left = FAILOVER_STEPS.slice(last + 1).filter((step) => step !== 'gate')
  return [...lines, ...left.map((step) => styleText('dim', `  ${step}`, TO))]
}

/** What was asked was answered, when anything came after it. */
const passed = (bar: TimelineBar): string => lineOf(bar.waits ? { ...bar, outcome: 'done' } : bar, bar.endedAt)

type Line = Pick<StepRecord, 'step' | 'attempt' | 'outcome' | 'message' | 'startedAt'>

const lineOf = ({ step, attempt, outcome, message, startedAt }: Line, endedAt: number): string => {
  const name = attempt === 1 ? step : `${step} ${attempt}`
  const mark = styleText(COLOURS[outcome], MARKS[outcome], TO)
  return `${mark} ${name.padEnd(12)} ${durationText(endedAt - startedAt).padStart(12)}  ${atMost(message, WIDEST)}`
}
