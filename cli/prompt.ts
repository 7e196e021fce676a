import { createInterface } from 'node:readline/promises'

/** Somebody at a terminal who can be asked. */
export interface Prompt {
  /** False in a script: nobody is there. */
  readonly interactive: boolean
  /** Trimmed. Empty as well when the signal ends it, or the input does. */
  ask(question: string, signal: AbortSignal): Promise<string>
}

export const terminalPrompt: Prompt = {
  interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  ask: async (question, signal) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    try {
      return (await lines.question(question, { signal })).trim()
    } catch (error) {
      if (signal.aborted) return ''
      throw error
    } finally {
      lines.close()
    }
  },
}
