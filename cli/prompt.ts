import { createInterface } from 'node:readline/promises'

/** Somebody at a terminal who can be asked. */
export interface Prompt {
  /** False in a script: nobody is there. */
  readonly interactive: boolean
  /** Trimmed. Empty as well when the signal ends it, or Ctrl-C or Ctrl-D do. */
  ask(question: string, signal: AbortSignal): Promise<string>
}

type Keyboard = NodeJS.ReadableStream & { readonly isTTY?: boolean }
type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean }

/** While a terminal is asked, its Ctrl-C is a key like any other and no signal: `interrupt` makes it one. */
export const promptOn = (input: Keyboard, output: Screen, interrupt: () => void): Prompt => ({
  interactive: input.isTTY === true && output.isTTY === true,
  ask: async (question, signal) => {
    const lines = createInterface({ input, output })
    const interrupted = new AbortController()
    lines.once('SIGINT', () => {
      interrupt()
      interrupted.abort()
    })
    try {
      return (await lines.question(question, { signal: AbortSignal.any([signal, interrupted.signal]) })).trim()
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') return ''
      throw error
    } finally {
      lines.close()
    }
  },
})

export const terminalPrompt: Prompt = promptOn(process.stdin, process.stderr, () => process.kill(process.pid, 'SIGINT'))
