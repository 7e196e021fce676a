import { setTimeout as pause } from 'node:timers/promises'

const GO_ON_AFTER_MS = 200

/** What went wrong for the clients of a pair, who all go on after a moment as applications do. */
export class ClientTroubles {
  readonly all: string[] = []

  /** Resolves when it may be tried again. */
  async note(doing: string, error: unknown): Promise<void> {
    this.all.push(`${doing}: ${error instanceof Error ? error.message : String(error)}`)
    await pause(GO_ON_AFTER_MS)
  }
}
