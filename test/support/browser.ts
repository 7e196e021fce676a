import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import chromium from '@sparticuz/chromium'

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

export interface Screen {
  readonly width: number
  readonly height: number
  readonly scheme: 'light' | 'dark'
}

/** The package has one for Linux on x64; elsewhere CHROME_BIN names one. */
const executable = async (): Promise<string> => {
  const own = process.env.CHROME_BIN
  if (own !== undefined && existsSync(own)) return own
  if (process.platform === 'linux' && process.arch === 'x64') return await chromium.executablePath()
  throw new Error('there is no browser for this machine: install Chrome, and name it in CHROME_BIN')
}

/** A real browser without a window, spoken to through pipes; it has no network that it would need. */
export class Browser {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #told: Answer[] = []
  #session: string | undefined
  #frame = ''
  #asked = 0

  static async start(): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'twinshore-browser-'))
    const browser = new Browser(await executable(), profile)
    const { targetId } = await browser.#ask('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await browser.#ask('Target.attachToTarget', { targetId, flatten: true })
    browser.#session = String(sessionId)
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.#ask(`${domain}.enable`)
    const { frameTree } = await browser.#ask('Page.getFrameTree')
    browser.#frame = (frameTree as { readonly frame: { readonly id: string } }).frame.id
    return browser
  }

  private constructor(path: string, profile: string) {
    this.#profile = profile
    const flags = ['--no-sandbox', '--headless=shell', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run']
    const args = [...flags, `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank']
    this.#process = spawn(path, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
    let read = ''
    ;(this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const parts = `${read}${chunk}`.split('\0')
      read = parts.pop() ?? ''
      for (const part of parts) this.#hear(JSON.parse(part) as Answer)
    })
  }

  /** Shows a page of its own. */
  async open(html: string, { width, height, scheme }: Screen): Promise<void> {
    this.#told.length = 0
    const features = [{ name: 'prefers-color-scheme', value: scheme }]
    await this.#ask('Emulation.setEmulatedMedia', { features })
    const screen = { width, height, deviceScaleFactor: 1, mobile: width < 600 }
    await this.#ask('Emulation.setDeviceMetricsOverride', screen)
    await this.#ask('Page.setDocumentContent', { frameId: this.#frame, html })
  }

  /** What a function of the page answers, which takes nothing from around it. */
  async ask<Result>(question: () => Result): Promise<Result> {
    const asked = { expression: `(${question.toString()})()`, returnByValue: true }
    const { result, exceptionDetails } = await this.#ask('Runtime.evaluate', asked)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { readonly value: Result }).value
  }

  /** What the browser complained of, or fetched, since the page was opened. */
  get told(): readonly string[] {
    const heard = ['Log.entryAdded', 'Runtime.exceptionThrown', 'Network.requestWillBeSent']
    return this.#told.filter(({ method = '' }) => heard.includes(method)).map((one) => JSON.stringify(one.params))
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.#ask('Page.captureScreenshot', { captureBeyondViewport: true })
    return Buffer.from(String(data), 'base64')
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGKILL')
    await gone
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }

  #hear(answer: Answer): void {
    if (answer.id === undefined) this.#told.push(answer)
    else this.#waiting.get(answer.id)?.(answer)
  }

  async #ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#asked
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    const message = { id, method, params, ...(this.#session !== undefined && { sessionId: this.#session }) }
    ;(this.#process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`)
    const { result = {}, error } = await answered
    this.#waiting.delete(id)
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result
  }
}
