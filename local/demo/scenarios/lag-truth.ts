import type { RecordStream } from '../../corpus/record-stream.ts'
import { eventually } from '../../machine/eventually.ts'
import type { LagSample } from './sampled-lag.ts'

const FIRST_WITHIN_MS = 30_000

/** What a figure may be, both ends included. */
interface Bounds {
  readonly least: number
  readonly most: number
}

export interface LagTruth {
  readonly records: Bounds
  readonly seconds: Bounds
}

/** What is known of records of which none is replicated, by who wrote them. */
export class WaitingRecords {
  readonly #stream: RecordStream
  readonly #sentAt: number
  readonly #acknowledgedAt: number

  private constructor(stream: RecordStream, sentAt: number, acknowledgedAt: number) {
    this.#stream = stream
    this.#sentAt = sentAt
    this.#acknowledgedAt = acknowledgedAt
  }

  /** Resolves when the first record is written. */
  static async of(start: () => RecordStream): Promise<WaitingRecords> {
    const sentAt = Date.now()
    const stream = start()
    await eventually('the first record to be written', () => stream.written > 0, { withinMs: FIRST_WITHIN_MS })
    return new WaitingRecords(stream, sentAt, Date.now())
  }

  get written(): number {
    return this.#stream.written
  }

  /**
   * What a sample may say: no less than what was acknowledged when it was asked for, and no more than what was sent when it
   * answered. Of its seconds one interval may be too many, since nobody saw when within it the oldest record came.
   */
  truth({ askedAt, answeredAt }: LagSample, records: Bounds, intervalMs: number): LagTruth {
    const least = Math.max(0, askedAt - this.#acknowledgedAt) / 1_000
    return { records, seconds: { least, most: (answeredAt - this.#sentAt + intervalMs) / 1_000 } }
  }

  /** For how long the oldest record has been waiting. */
  secondsAt(at: number): number {
    return (at - this.#acknowledgedAt) / 1_000
  }
}

const isWithin = (value: number, { least, most }: Bounds): boolean => value >= least && value <= most

/** What a sample says that cannot be true. */
export const offences = ({ records, seconds }: LagSample, truth: LagTruth): string[] => {
  const say = (what: string, value: number, { least, most }: Bounds) => `${what}: ${value}, not ${least} to ${most}`
  return [
    ...(isWithin(records, truth.records) ? [] : [say('records', records, truth.records)]),
    ...(isWithin(seconds, truth.seconds) ? [] : [say('seconds', seconds, truth.seconds)]),
  ]
}
