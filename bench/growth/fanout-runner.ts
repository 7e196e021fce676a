import { printFigures } from '../measured-process.ts'
import { eventTemplate } from '../produce/kafka-event.ts'
import { SHAPES } from '../produce/record-shape.ts'
import { loadReplicator, type ReplicatorSpec } from '../replicator.ts'
import { peakMemoryBytes, Stopwatch } from '../stopwatch.ts'

export interface FanoutJob {
  readonly replicator: ReplicatorSpec
  readonly topic: string
  readonly partitions: number
  readonly records: number
  readonly warmUps: number
  readonly events: number
}

export interface FanoutFigures {
  readonly eventMs: readonly number[]
  readonly cpuMsPerEvent: number
  readonly peakMemoryBytes: number
}

/** Events of one size over so many partitions: `node fanout-runner.ts <job as JSON>`. */
const { replicator, topic, partitions, records, warmUps, events }: FanoutJob = JSON.parse(process.argv[2] ?? '')
const [shape] = SHAPES
if (shape === undefined) throw new RangeError('there is no record shape')
const replicate = await loadReplicator(replicator)
const event = eventTemplate(shape, topic, partitions, records)
const eventMs: number[] = []
let cpuSeconds = 0
for (let number = 0; number < warmUps + events; number++) {
  event.moveTo(number)
  const parsed: unknown = JSON.parse(event.text.toString('utf8'))
  const watch = new Stopwatch()
  await watch.measureAsync(() => replicate(parsed))
  if (number < warmUps) continue
  eventMs.push(watch.seconds * 1000)
  cpuSeconds += watch.cpuSeconds
}
const figures: FanoutFigures = {
  eventMs,
  cpuMsPerEvent: (cpuSeconds * 1000) / events,
  peakMemoryBytes: peakMemoryBytes(),
}
printFigures(figures)
process.exit(0)
