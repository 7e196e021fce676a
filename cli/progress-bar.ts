const CELLS = 24
const TELL_EVERY_MS = 10_000

/** Where progress is shown; `process.stderr` is one. */
export interface ProgressStream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** One line that is drawn again and again on a terminal; elsewhere a line every ten seconds. */
export class ProgressBar {
  readonly #stream: ProgressStream
  readonly #total: number
  #done = 0
  #lastTold = Date.now()

  constructor(total: number, stream: ProgressStream = process.stderr) {
    this.#total = total
    this.#stream = stream
  }

  advance(by: number, text: string): void {
    this.#done += by
    const share = this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total)
    const percent = `${Math.floor(share * 100)}`.padStart(3)
    if (this.#stream.isTTY === true) {
      const full = Math.round(share * CELLS)
      this.#stream.write(`\r[${'#'.repeat(full)}${'-'.repeat(CELLS - full)}] ${percent} %  ${text}\u001b[K`)
    } else if (Date.now() - this.#lastTold >= TELL_EVERY_MS) {
      this.#lastTold = Date.now()
      this.#stream.write(`${percent.trim()} %, ${text}\n`)
    }
  }

  /** Leaves an empty line where it was drawn. */
  end(): void {
    if (this.#stream.isTTY === true) this.#stream.write('\r\u001b[K')
  }
}
