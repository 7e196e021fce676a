import { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alterTopic } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { KafkaTargetLog } from '../../shared/adapters/kafka/kafka-target-log.ts'
import { startWithin } from '../../shared/adapters/running-deadline.ts'
import { s3Quarantine } from '../../shared/adapters/s3/quarantine.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import type { Replay } from '../../shared/usecases/replication/quarantined-records.ts'
import { replayQuarantined } from '../../shared/usecases/replication/replay.ts'
import { FLAWLESS } from '../support/flawless.ts'
import { deadlinesInTime } from '../support/polled.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'
import { RIG_CREDENTIALS, RIG_REGION } from '../support/rig-topology.ts'
import { largeRecord, variedRecords } from '../support/varied-records.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let rig: Rig
let halting: RigLink
let quarantining: RigLink
beforeAll(async () => {
  rig = await startRig('refusals', { aws: true })
  halting = await rig.link({ onPoison: 'halt' })
  quarantining = await rig.link({ onPoison: 'quarantine' })
})
afterAll(() => rig?.stop())

const [keyed] = variedRecords(1, 'keyed')
if (keyed === undefined) throw new Error('there is a first record')

/** What the target refuses, the settings of the target topic that make it so, and those that mend it. */
const REFUSALS = [
  {
    what: 'too-large',
    poison: largeRecord(20_000, 'too large'),
    settings: { 'max.message.bytes': '10000' },
    mended: { 'max.message.bytes': '100000' },
    because: 'MESSAGE_TOO_LARGE',
  },
  {
    what: 'too-old',
    poison: { ...keyed, timestamp: Date.now() - 10 * DAY_MS },
    settings: { 'message.timestamp.before.max.ms': String(DAY_MS * 5) },
    mended: { 'message.timestamp.before.max.ms': '9223372036854775807' },
    because: 'INVALID_TIMESTAMP',
  },
  {
    what: 'too-young',
    poison: { ...keyed, timestamp: Date.now() + DAY_MS },
    settings: { 'message.timestamp.after.max.ms': String(HOUR_MS) },
    mended: { 'message.timestamp.after.max.ms': '9223372036854775807' },
    because: 'INVALID_TIMESTAMP',
  },
  {
    what: 'keyless',
    poison: { ...keyed, key: null },
    settings: { 'cleanup.policy': 'compact' },
    mended: { 'cleanup.policy': 'delete' },
    because: 'INVALID_RECORD',
  },
] as const

type Refusal = (typeof REFUSALS)[number]

const ORDINARY = 20

/** A group that had read everything reads what was put back, since it stands at the end. */
const PUT_BACK = { mapRereads: 1 }

/** Ordinary records of today with keys, since those are what the settings still take. */
const ordinary = (word: string) =>
  variedRecords(ORDINARY, word).map((record, at) => ({ ...record, key: Buffer.from(`${at}`), timestamp: Date.now() }))

/** In partition 0 a refused record between ordinary ones, in partition 1 ordinary ones only. */
const start = async (link: RigLink, { what, poison, settings }: Refusal): Promise<string> => {
  const topic = `${what}-${link.config.link.onPoison}`
  await link.source.createTopic(topic, { partitions: 2 })
  await link.target.createTopic(link.targetTopic(topic), { partitions: 2, settings })
  await link.source.produce(topic, 0, [...ordinary('before'), poison, ...ordinary('after')])
  await link.source.produce(topic, 1, ordinary('neighbour'))
  link.poll(topic)
  return topic
}

describe('a link that halts', () => {
  it.each(REFUSALS)('stops before a $what record, and goes on when the target takes it', async (refusal) => {
    const told = halting.fn.outcomes.length
    const topic = await start(halting, refusal)
    const message = await halting.error('RECORD_REFUSED', { after: told })
    expect(message).toContain(`source offset ${ORDINARY} `)
    expect(message).toContain(refusal.because)
    expect(await halting.head({ topic, partition: 0 })).toMatchObject({ nextSource: BigInt(ORDINARY) })
    await eventually(
      'the neighbour to go on',
      async () => (await halting.head({ topic, partition: 1 }))?.nextSource === BigInt(ORDINARY),
      { withinMs: 20_000 },
    )
    expect(await halting.gaps({ topic, partition: 0 })).toEqual([])
    await alterTopic(rig.target.cluster, halting.targetTopic(topic), refusal.mended)
    await halting.caughtUp(topic)
    expect(await halting.judge(topic)).toEqual({ ...FLAWLESS, records: 3 * ORDINARY + 1 })
    await halting.stopPolling()
  })
})

describe('a link that quarantines', () => {
  /** As the operator's command does it. */
  const replay = async (link: RigLink, topic: string): Promise<readonly Replay[]> => {
    const target = new KafkaTargetLog(link.config.target, {
      compression: 'none',
      secrets: { read: () => Promise.reject(new Error('nobody logs in')) },
    })
    const s3 = new S3Client({ endpoint: rig.aws?.url ?? '', region: RIG_REGION, credentials: RIG_CREDENTIALS })
    const quarantine = s3Quarantine(s3, link.config.quarantineBucket ?? '')
    const targetTopic = (source: string): string => link.targetTopic(source)
    try {
      const { appendDeadlineMs } = link.config.link
      const deps = {
        state: link.state,
        lease: link.replaying,
        quarantine,
        target,
        clock: Date,
        appendDeadlineMs,
        within: startWithin,
        targetTopic,
      }
      const ofTopic = (one: PartitionId) => one.topic === topic
      const { replays, troubles } = await replayQuarantined(ofTopic, 'an operator', deadlinesInTime().state, deps)
      expect(troubles).toEqual([])
      return replays
    } finally {
      target.close()
      s3.destroy()
    }
  }

  it.each(REFUSALS)('keeps a $what record, names it in the ledger, goes on, and can put it back', async (refusal) => {
    const topic = await start(quarantining, refusal)
    await quarantining.caughtUp(topic)
    const from = BigInt(ORDINARY)
    expect(await quarantining.gaps({ topic, partition: 0 })).toMatchObject([
      { kind: 'quarantined', from, to: from + 1n, reason: expect.stringContaining(refusal.because) },
    ])
    expect(await quarantining.gaps({ topic, partition: 1 })).toEqual([])
    const records = 3 * ORDINARY + 1
    expect(await quarantining.judge(topic)).toEqual({ ...FLAWLESS, records, gaps: 1 })

    expect(await replay(quarantining, topic)).toMatchObject([{ kind: 'failed', source: from }])
    await alterTopic(rig.target.cluster, quarantining.targetTopic(topic), refusal.mended)
    expect(await replay(quarantining, topic)).toMatchObject([{ kind: 'replayed', source: from, target: 2n * from }])
    expect(await replay(quarantining, topic)).toMatchObject([{ kind: 'replayed-before', source: from }])
    expect(await quarantining.judge(topic)).toEqual({ ...FLAWLESS, records, gaps: 1, ...PUT_BACK })
  })

  it('keeps the records of many refusals in their order, byte for byte', async () => {
    const topic = 'many-refusals'
    await rig.source.createTopic(topic)
    const settings = { 'max.message.bytes': '10000' }
    await rig.target.createTopic(quarantining.targetTopic(topic), { settings })
    const mixed = ordinary('mixed').flatMap((record, at) =>
      at % 4 === 0 ? [record, largeRecord(15_000 + at, `${at}`)] : [record],
    )
    await rig.source.produce(topic, 0, mixed)
    quarantining.poll(topic, { batchSize: 7 })
    await quarantining.caughtUp(topic)
    expect(await quarantining.judge(topic)).toEqual({ ...FLAWLESS, records: mixed.length, gaps: 5 })
    await alterTopic(rig.target.cluster, quarantining.targetTopic(topic), { 'max.message.bytes': '100000' })
    await replay(quarantining, topic)
    const [log] = await rig.target.logs(quarantining.targetTopic(topic))
    expect(log?.size).toBe(mixed.length)
    expect(await quarantining.judge(topic)).toEqual({ ...FLAWLESS, records: mixed.length, gaps: 5, ...PUT_BACK })
  })
})
