import { peakMemoryBytes, Stopwatch } from '../stopwatch.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'
import { type EventRecord, recordsOfEvent } from './event-records.ts'
import { sendInFlight } from './in-flight.ts'
import { eventTemplate } from './kafka-event.ts'

/** A client that has been connected; `ready` turns records into its messages, `send` sends the messages of one event. */
export interface ContestClient<Messages> {
  ready(records: readonly EventRecord[]): Messages
  send(messages: Messages): Promise<unknown>
  close(): Promise<unknown>
}

/** Sends events by another client: from their bytes, or with messages that are ready before the watch starts. */
export const contendClient = async <Messages>(
  job: ContestJob,
  client: ContestClient<Messages>,
): Promise<ContestFigures> => {
  const event = eventTemplate(job.shape, job.topics[0], job.partitions)
  const parse = new Stopwatch()
  const ready = client.ready(recordsOfEvent(event.text, new Stopwatch()))
  const send = (watch: Stopwatch) => () =>
    client.send(job.fromEvent ? client.ready(recordsOfEvent(event.text, watch)) : ready)
  await sendInFlight(Math.ceil(job.warmUpBytes / event.valueBytes), job.atOnce, send(new Stopwatch()))
  const rounds = Math.ceil(job.bytes / event.valueBytes)
  const whole = new Stopwatch()
  await whole.measureAsync(() => sendInFlight(rounds, job.atOnce, send(parse)))
  await client.close()
  return {
    bytes: rounds * event.valueBytes,
    records: rounds * event.records,
    seconds: whole.seconds,
    cpuSeconds: whole.cpuSeconds,
    peakMemoryBytes: peakMemoryBytes(),
    parse: { seconds: parse.seconds, cpuSeconds: parse.cpuSeconds },
  }
}
