import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dependenciesOf } from '../../functions/replicate/dependencies.ts'
import { createHandler } from '../../functions/replicate/handler.ts'
import { eventually } from '../../local/machine/eventually.ts'
import type { Invoke } from '../../local/poller/invocations.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import { HEARTBEAT_TOPIC } from '../../shared/domain/heartbeat/beat.ts'
import { BeatingLink, type SentBeat } from '../support/beating-link.ts'
import { MeasuredLink } from '../support/measured-link.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { LinkOptions } from '../support/rig-topology.ts'

let rig: Rig
const beating: BeatingLink[] = []
beforeAll(async () => {
  rig = await startRig('heartbeat')
})
afterAll(async () => {
  for (const one of beating) one.close()
  await rig?.stop()
})

const linked = async (options: LinkOptions = {}): Promise<BeatingLink> => {
  const one = new BeatingLink(await rig.link({ topics: ['orders'], heartbeats: true, ...options }))
  beating.push(one)
  return one
}

const own = (beats: readonly SentBeat[], { link }: BeatingLink) => beats.filter((beat) => beat.link === link.link.name)
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1)
const sequences = (beats: readonly SentBeat[]) => beats.map(({ sequence }) => sequence)
const times = (beats: readonly SentBeat[]) => beats.map(({ at }) => (at - (beats[0]?.at ?? 0)) / 1_000)

describe('heartbeats between real clusters', () => {
  it('make their topic, and never come twice from two invocations at once', async () => {
    const one = await linked()
    const reports = await Promise.all([one.beat(6_000), one.beat(6_000), one.beat(6_000)])
    const beats = own(await one.sent(), one)
    expect(beats.length).toBeGreaterThanOrEqual(5)
    expect(sequences(beats)).toEqual(upTo(beats.length))
    expect(times(beats)).toEqual(upTo(beats.length).map((count) => count - 1))
    expect(reports.reduce((sum, { sent }) => sum + sent, 0)).toBe(beats.length)
    expect(reports.reduce((sum, { held }) => sum + held, 0)).toBeGreaterThan(5)
    expect(one.failures).toEqual([])
    const { topics } = await one.link.source.administer((admin) =>
      admin.fetchTopicMetadata({ topics: [HEARTBEAT_TOPIC] }),
    )
    expect(topics[0]?.partitions).toHaveLength(1)
  })

  it('make up for a minute that was missed, and say when they were really written', async () => {
    const one = await linked()
    await one.beat(500, () => ({ clock: { now: () => Date.now() - 60_000 } }))
    const before = own(await one.sent(), one)
    const began = Date.now()
    await one.beat(500)
    const beats = own(await one.sent(), one)
    expect(beats.length).toBeGreaterThanOrEqual(60)
    expect(sequences(beats)).toEqual(upTo(beats.length))
    expect(times(beats)).toEqual(upTo(beats.length).map((count) => count - 1))
    for (const { timestamp } of beats.slice(before.length)) expect(timestamp).toBeGreaterThanOrEqual(began)
  })

  it('go on after an invocation that was killed before it remembered one: that comes again, under its number', async () => {
    const one = await linked()
    await one.beat(500)
    const before = own(await one.sent(), one)
    const killed = one.beat(300, ({ ledger, lease }) => ({
      ledger: { ...ledger, remember: () => Promise.reject(new ReplicationError('STATE_UNREACHABLE', 'killed')) },
      lease: { ...lease, release: async () => undefined },
    }))
    await killed.catch(() => undefined)
    const left = own(await one.sent(), one)
    expect(left.length).toBeGreaterThan(before.length)
    await one.beat(18_000)
    const after = own(await one.sent(), one)
    const again = after.slice(left.length)
    expect(again[0]?.sequence).toBe(before.length + 1)
    const told = new Set(sequences(after))
    expect([...told]).toEqual(upTo(told.size))
    expect(told.size).toBeGreaterThan(left.length + 10)
  })

  it('arrive on the target, where their age and how long they took is known', async () => {
    const one = await linked()
    const { link } = one
    for (const topic of ['orders', HEARTBEAT_TOPIC]) await link.target.createTopic(link.targetTopic(topic))
    const measured = new MeasuredLink(link, 2_000)
    const latencies: number[] = []
    const { close, ...dependencies } = dependenciesOf(link.config)
    const replicate = createHandler({
      ...dependencies,
      alarm: () => undefined,
      report: () => undefined,
      beats: { link: link.link.name, tell: (some) => void latencies.push(...some) },
    })
    const invoke: Invoke = async (payload) => {
      await replicate(JSON.parse(`${payload}`), { getRemainingTimeInMillis: () => 60_000 })
      return { kind: 'succeeded', response: Buffer.from('null') }
    }
    try {
      link.poll(HEARTBEAT_TOPIC, {}, invoke)
      await one.beat(6_000)
      const sent = own(await one.sent(), one)
      const arrived = () => one.arrived().then((beats) => own(beats, one))
      await eventually('all beats to arrive', async () => (await arrived()).length === sent.length, {
        withinMs: 30_000,
      })
      await eventually('all of them to be told of', () => latencies.length === sent.length, { withinMs: 30_000 })
      expect(sequences(await arrived())).toEqual(sequences(sent))
      for (const latency of latencies) expect(latency).toBeLessThan(20_000)
      await measured.measure()
      const { heartbeatAgeMs = Number.NaN, at, lag } = measured.last
      expect(heartbeatAgeMs).toBe(at - (sent.at(-1)?.timestamp ?? 0))
      expect(lag.records).toBe(0)
      await one.beat(1_500)
      await eventually(
        'a younger one',
        async () => {
          await measured.measure()
          return (measured.last.heartbeatAgeMs ?? 0) < heartbeatAgeMs + measured.last.at - at
        },
        { withinMs: 20_000 },
      )
    } finally {
      measured.close()
      await link.stopPolling()
      close()
    }
  })

  it('of other links of the source make those of a link no younger that has stopped to beat', async () => {
    const [one, other] = [await linked(), await linked()]
    const { link } = one
    for (const topic of ['orders', HEARTBEAT_TOPIC]) await link.target.createTopic(link.targetTopic(topic))
    const measured = new MeasuredLink(link, 2_000)
    try {
      await one.beat(5_000) // the first ones may find no topic
      const last = own(await one.sent(), one).at(-1)
      await other.beat(4_000)
      const newest = own(await other.sent(), other).at(-1)
      if (last === undefined || newest === undefined) throw new Error('nobody has beaten')
      expect(newest.at - last.at).toBeGreaterThanOrEqual(2_000)
      link.poll(HEARTBEAT_TOPIC)
      await link.caughtUp(HEARTBEAT_TOPIC)
      await measured.measure()
      const { heartbeatAgeMs, at } = measured.last
      expect(heartbeatAgeMs).toBeGreaterThanOrEqual(at - last.at - 1_000)
      expect(heartbeatAgeMs).toBeLessThanOrEqual(at - last.at)
    } finally {
      measured.close()
      await link.stopPolling()
    }
  })

  it('meet on both clusters where names are kept and records tell where they come from, and none returns', async () => {
    const shared = { naming: 'identity', provenance: true } as const
    const [there, back] = [await linked(shared), await linked({ ...shared, reverse: true })]
    await Promise.all([there.beat(1_500), back.beat(1_500)])
    for (const { link } of [there, back]) link.poll(HEARTBEAT_TOPIC)
    await Promise.all([there.beat(4_000), back.beat(4_000)])
    const everywhere = async (one: BeatingLink) =>
      [await one.sent(), await one.arrived()].map((beats) => sequences(own(beats, one)))
    for (const one of [there, back]) {
      const [sent = []] = await everywhere(one)
      expect(sent.length).toBeGreaterThan(3)
      await eventually(
        'its beats on the other cluster',
        async () => (await everywhere(one))[1]?.length === sent.length,
        {
          withinMs: 30_000,
        },
      )
    }
    for (const { link } of [there, back]) await link.caughtUp(HEARTBEAT_TOPIC)
    for (const one of [there, back]) {
      const [sent = [], arrived = []] = await everywhere(one)
      expect(sent).toEqual(upTo(sent.length))
      expect(arrived).toEqual(sent)
      await one.link.stopPolling()
    }
  })
})
