import { join } from 'node:path'
import { placementOf } from '../../../shared/domain/topology/topology.ts'
import { LOCAL_CREDENTIALS } from '../../aws/aws.ts'
import { checkReplication, untilReplicated } from '../../check/replication-check.ts'
import { type RecordStream, startStream } from '../../corpus/record-stream.ts'
import { createTopics } from '../../kafka/local-topics.ts'
import { eventually } from '../../machine/eventually.ts'
import { runProcess } from '../../machine/owned-process.ts'
import { onePair } from '../../world/world-layout.ts'
import { judgeRecords, none, recordFigures } from './checks.ts'
import { offences, WaitingRecords } from './lag-truth.ts'
import { type LagSample, SampledLag, type WatchedAlarm } from './sampled-lag.ts'
import type { Figures, Scenario, Stage } from './scenario.ts'
import { Traffic, written } from './traffic.ts'
import { untilInStep, type WatchedLink, type WatchedWorld, watchWorld } from './watched-world.ts'

/** Half a minute is the least that an alarm may wait for. */
const THRESHOLDS = { lagSeconds: 30, lagRecords: 500 }
const ORDERS = { name: 'orders', partitions: 2 }
const TOPIC = { topic: ORDERS.name, partitions: [...Array(ORDERS.partitions).keys()] }
const LAYOUT = onePair([ORDERS.name], { batchWindowMs: 0, thresholds: THRESHOLDS })

const FILL = { recordsPerBatch: 500, batchesPerSecond: 1_000 }
const BATCH = 5
const SAMPLE_EVERY_MS = 1_500
const CHANGES_WITHIN_MS = 90_000
const CLI = join(import.meta.dirname, '../../../cli/twinshore.ts')
const ALARMS: readonly WatchedAlarm[] = ['lag-records', 'lag-seconds']

/** Replication stops and goes on: what the lag canary says of it, what is true, and what the alarms make of it. */
export const lag: Scenario = {
  name: 'lag',
  summary:
    'replication is paused under load: lag in records and seconds against the truth, alarms that go off and clear',
  async run(stage) {
    const traffic = new Traffic(stage.options.seed)
    const watched = await watchWorld(stage, LAYOUT)
    const link = watched.link('west-east')
    const sampled = new SampledLag(watched.world, link.link)
    try {
      return await stopAndGoOn({ stage, watched, link, sampled, traffic })
    } finally {
      sampled.close()
      await traffic.stop()
      watched.close()
    }
  },
}

interface Lagging {
  readonly stage: Stage
  readonly watched: WatchedWorld
  readonly link: WatchedLink
  readonly sampled: SampledLag
  readonly traffic: Traffic
}

const stopAndGoOn = async (lagging: Lagging): Promise<Figures> => {
  const { stage, link } = lagging
  const { steps } = stage
  await steps.show(`${stage.options.records} records are on both sides, and the lag is sampled`, async (say) => {
    await write(lagging, say)
    await inStep(lagging)
  })
  steps.line(
    '  the canary is invoked by hand here, sample by sample, and on the clock of the alarms a sample is a minute',
  )
  await steps.show('an operator pauses the link', () => operate(lagging, 'pause'))
  const waiting = await WaitingRecords.of(() => keepWriting(lagging))
  const lag = await steps.show('records keep coming, and the lag grows until its alarms go off', async (say) => ({
    ...(await grow(lagging, waiting, say)),
    ...(await standing(lagging, waiting)),
  }))
  const alarms = await steps.show('the operator resumes the link, and the alarms clear', async (say) => {
    await operate(lagging, 'resume')
    await untilReplicated({ ...link, topics: [ORDERS.name] }, say)
    return clear(lagging)
  })
  return steps.show('both sides are read by raw fetches and compared', async () => {
    const checked = await checkReplication({ ...link, topics: [ORDERS.name] })
    judgeRecords(stage, checked)
    return { ...recordFigures(checked), lag, alarms }
  })
}

const write = async ({ stage, link, traffic }: Lagging, say: (line: string) => void): Promise<void> => {
  await createTopics(link.source, [ORDERS])
  await untilInStep(link, say)
  const { records, sizeBytes } = stage.options
  const filler = startStream(link.source, { ...TOPIC, sizeBytes, ...FILL, seed: traffic.seed() })
  await written(filler, records)
  await filler.stop()
  await untilReplicated({ ...link, topics: [ORDERS.name] }, say)
}

const keepWriting = ({ link, traffic, stage }: Lagging): RecordStream => {
  const { sizeBytes } = stage.options
  const stream = startStream(link.source, { ...TOPIC, sizeBytes, recordsPerBatch: BATCH, seed: traffic.seed() })
  traffic.add(stream)
  return stream
}

/** As on a terminal, but against the local AWS. */
const operate = async ({ watched, link }: Lagging, verb: 'pause' | 'resume'): Promise<void> => {
  const { region } = placementOf(link.link)
  const env = { PATH: process.env['PATH'], ...LOCAL_CREDENTIALS, AWS_REGION: region }
  const to = { AWS_ENDPOINT_URL: watched.world.aws?.url }
  await runProcess(process.execPath, [CLI, verb, link.link.name], { env: { ...env, ...to } })
}

/** Samples until one is enough; the first that is. */
const sampleUntil = async ({ sampled }: Lagging, isEnough: (sample: LagSample) => boolean): Promise<LagSample> =>
  eventually(
    'a sample of the lag that says so',
    async () => {
      const sample = await sampled.sample()
      return sample !== undefined && isEnough(sample) && sample
    },
    { withinMs: CHANGES_WITHIN_MS, everyMs: SAMPLE_EVERY_MS },
  )

const inStep = async (lagging: Lagging): Promise<void> => {
  await lagging.sampled.oneByOne()
  const { records, seconds } = await sampleUntil(lagging, () => true)
  lagging.stage.check('lag before anything stops, in records and seconds', {
    held: records === 0 && seconds === 0,
    measured: `${records} and ${seconds}`,
    expected: '0 and 0',
  })
}

/** Each sample is compared with what is true at that moment. */
const grow = async (lagging: Lagging, waiting: WaitingRecords, say: (line: string) => void): Promise<Figures> => {
  const { stage, sampled } = lagging
  const wrong: string[] = []
  let [samples, firstAtThreshold, wentOff] = [0, 0, 0]
  let least = waiting.written
  await sampleUntil(lagging, (sample) => {
    samples++
    const truth = waiting.truth(sample, { least, most: waiting.written + BATCH }, sampled.longestGapMs)
    least = waiting.written
    wrong.push(...offences(sample, truth))
    if (firstAtThreshold === 0 && sample.seconds >= THRESHOLDS.lagSeconds) firstAtThreshold = samples
    if (sample.raised.includes('lag-seconds')) wentOff = samples
    say(`${sample.records} records, ${sample.seconds.toFixed(1)} s; alarms on: ${[...sampled.raised].join(', ')}`)
    return ALARMS.every((alarm) => sampled.raised.has(alarm))
  })
  for (const line of wrong) stage.steps.line(`  ${line}`)
  none(stage, `of ${samples} samples, those that are not true`, wrong.length)
  stage.check('the sample at which lag-seconds goes off', {
    held: wentOff > 0 && wentOff === firstAtThreshold,
    measured: wentOff,
    expected: `${firstAtThreshold}, the first of ${THRESHOLDS.lagSeconds} s`,
  })
  return { samples, untrue: wrong.length }
}

/** Nobody writes, so that the records are known to the last one. */
const standing = async ({ stage, link, sampled, traffic }: Lagging, waiting: WaitingRecords): Promise<Figures> => {
  await traffic.stop()
  const { at, lag, alarms, mode } = await sampled.status()
  const [trueRecords, trueSeconds] = [waiting.written, waiting.secondsAt(at)]
  const intervalSeconds = sampled.longestGapMs / 1_000
  const seconds = lag.lagMs / 1_000
  stage.check(`lag in records when nobody writes any more, ${link.link.name} being ${mode}`, {
    held: lag.records === trueRecords,
    measured: lag.records,
    expected: trueRecords,
  })
  stage.check('lag in seconds then', {
    held: seconds >= trueSeconds && seconds <= trueSeconds + intervalSeconds,
    measured: seconds.toFixed(2),
    expected: `${trueSeconds.toFixed(2)}, or up to ${intervalSeconds.toFixed(2)} more`,
  })
  stage.check('alarms that the status of the link names', {
    held: ALARMS.every((alarm) => alarms.some((one) => one === alarm)),
    measured: alarms.join(', '),
    expected: ALARMS.join(', '),
  })
  return { records: { ours: lag.records, true: trueRecords }, seconds: { ours: seconds, true: trueSeconds } }
}

const clear = async (lagging: Lagging): Promise<Figures> => {
  const { stage, sampled } = lagging
  const { records, seconds } = await sampleUntil(lagging, () => ALARMS.every((alarm) => sampled.cleared.has(alarm)))
  stage.check('lag when its alarms have cleared, in records and seconds', {
    held: records === 0 && seconds === 0,
    measured: `${records} and ${seconds}`,
    expected: '0 and 0',
  })
  const [raised, cleared] = [[...sampled.raised].sort(), [...sampled.cleared].sort()]
  const told = (alarms: readonly string[]): string => alarms.join(', ')
  stage.check('alarms that went off, and those that cleared', {
    held: told(raised) === told(ALARMS) && told(cleared) === told(ALARMS),
    measured: `${told(raised)}; ${told(cleared)}`,
    expected: `${told(ALARMS)}; the same`,
  })
  return { raised, cleared }
}
