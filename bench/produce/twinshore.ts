import { loadReplicator } from '../replicator.ts'
import { peakMemoryBytes, Stopwatch } from '../stopwatch.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'
import { eventTemplate } from './kafka-event.ts'

export const TWINSHORE_SETTINGS = 'the deployed bundle, one invocation after the other, as one Lambda sandbox runs them'

/** Whole invocations, from the bytes of the event to the checkpoint; the watch stands still while the next one is made. */
export const contendTwinshore = async (job: ContestJob): Promise<ContestFigures> => {
  const replicate = await loadReplicator(job.replicator)
  const event = eventTemplate(job.shape, job.topic, job.partitions)
  const parse = new Stopwatch()
  const whole = new Stopwatch()
  let invocations = 0
  const invoke = async (parsing: Stopwatch, running: Stopwatch): Promise<void> => {
    event.moveTo(invocations++)
    await running.measure(async () => {
      const parsed = await parsing.measure(() => JSON.parse(event.text.toString('utf8')))
      await replicate(parsed)
    })
  }
  for (let bytes = 0; bytes < job.warmUpBytes; bytes += event.valueBytes) await invoke(new Stopwatch(), new Stopwatch())
  const rounds = Math.ceil(job.bytes / event.valueBytes)
  for (let round = 0; round < rounds; round++) await invoke(parse, whole)
  return {
    bytes: rounds * event.valueBytes,
    records: rounds * event.records,
    seconds: whole.seconds,
    cpuSeconds: whole.cpuSeconds,
    peakMemoryBytes: peakMemoryBytes(),
    parse: { seconds: parse.seconds, cpuSeconds: parse.cpuSeconds },
  }
}
