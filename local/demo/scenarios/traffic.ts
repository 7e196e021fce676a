import type { RecordStream } from '../../corpus/record-stream.ts'
import { eventually } from '../../machine/eventually.ts'

const WRITTEN_WITHIN_MS = 30_000

export const written = async (stream: RecordStream, records: number): Promise<void> => {
  const enough = eventually(`${records} records to be written`, () => stream.written >= records, {
    withinMs: WRITTEN_WITHIN_MS,
  })
  await Promise.race([enough, stream.ended])
}

/** All streams of a scenario. */
export class Traffic {
  readonly #streams: RecordStream[] = []
  #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Another one each time, so that no two records of a world are the same. */
  seed(): number {
    this.#seed += 1
    return this.#seed
  }

  add(stream: RecordStream): void {
    this.#streams.push(stream)
  }

  /** Until each stream has written so many. */
  async untilWritten(records: number): Promise<void> {
    for (const stream of this.#streams) await written(stream, records)
  }

  async stop(): Promise<void> {
    const ended = await Promise.allSettled(this.#streams.splice(0).map((stream) => stream.stop()))
    for (const result of ended) if (result.status === 'rejected') throw result.reason
  }
}
