import { loadReplicator, type Replicate } from '../replicator.ts'
import { peakMemoryBytes, Stopwatch } from '../stopwatch.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'
import { sendInFlight } from './in-flight.ts'
import { type EventTemplate, eventTemplate } from './kafka-event.ts'

export const TWINSHORE_SETTINGS =
  'the deployed bundle, from the bytes of the event to the checkpoint; at best 3 invocations at once, of a topic each'

/** The events of one topic, one after the other. */
class EventStream {
  readonly #event: EventTemplate
  readonly #replicate: Replicate
  readonly #parse: Stopwatch
  #invocations = 0

  constructor(event: EventTemplate, replicate: Replicate, parse: Stopwatch) {
    this.#event = event
    this.#replicate = replicate
    this.#parse = parse
  }

  async invoke(): Promise<void> {
    this.#event.moveTo(this.#invocations++)
    const parsed = this.#parse.measure(() => JSON.parse(this.#event.text.toString('utf8')))
    await this.#replicate(parsed)
  }
}

/** Invocations of different topics overlap; those of one topic cannot, since each goes on at the checkpoint of the last. */
export const contendTwinshore = async (job: ContestJob): Promise<ContestFigures> => {
  const replicate = await loadReplicator(job.replicator)
  const parse = new Stopwatch()
  const events = job.topics.map((topic) => eventTemplate(job.shape, topic, job.partitions))
  const streams = events.map((event) => new EventStream(event, replicate, parse))
  const eventBytes = events[0]?.valueBytes ?? Number.NaN
  const run = async (bytes: number): Promise<number> => {
    const rounds = Math.ceil(bytes / eventBytes / streams.length)
    await Promise.all(streams.map((stream) => sendInFlight(rounds, 1, () => stream.invoke())))
    return rounds * streams.length
  }
  await run(job.warmUpBytes)
  const warmUp = { seconds: parse.seconds, cpuSeconds: parse.cpuSeconds }
  const whole = new Stopwatch()
  const invocations = await whole.measureAsync(() => run(job.bytes))
  return {
    bytes: invocations * eventBytes,
    records: invocations * (events[0]?.records ?? Number.NaN),
    seconds: whole.seconds,
    cpuSeconds: whole.cpuSeconds,
    peakMemoryBytes: peakMemoryBytes(),
    parse: { seconds: parse.seconds - warmUp.seconds, cpuSeconds: parse.cpuSeconds - warmUp.cpuSeconds },
  }
}
