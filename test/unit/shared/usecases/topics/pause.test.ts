import { beforeEach, describe, expect, it } from 'vitest'
import { type Head, INITIAL_STATUS, type LinkStatus } from '../../../../../shared/domain/head.ts'
import type { TopicRecord } from '../../../../../shared/domain/topics/topic-record.ts'
import type { Deadline } from '../../../../../shared/usecases/ports.ts'
import {
  type PauseDeps,
  pauseLink,
  pauseTopic,
  resumeLink,
  resumeTopic,
} from '../../../../../shared/usecases/topics/pause.ts'
import type { Settled } from '../../../../../shared/usecases/topics/settle-mappings.ts'
import { FakeLinkState } from '../../../../fakes/link-state.ts'
import { FakeMappingControl } from '../../../../fakes/mapping-control.ts'
import { FakeTopicLedger } from '../../../../fakes/topic-ledger.ts'
import { inTime } from '../../../../support/in-time.ts'

const RECORD: TopicRecord = { incarnation: 'A', targetTopic: 'west.orders', paused: false, restarting: false }
const HEAD: Head = {
  incarnation: 'B',
  nextSource: 1n,
  nextTarget: 1n,
  openRuns: [],
  last: undefined,
  unverifiedFrom: undefined,
  epoch: 0,
  updatedAt: 0,
}

let state: FakeLinkState
let ledger: FakeTopicLedger
let mappings: FakeMappingControl
let looks: Settled[]
let now: number
let deps: PauseDeps
beforeEach(() => {
  state = new FakeLinkState()
  ledger = new FakeTopicLedger()
  mappings = new FakeMappingControl()
  looks = []
  now = 0
  for (const topic of ['orders', 'payments']) mappings.deploy(topic)
  const rest = async (ms: number, { at }: Deadline): Promise<boolean> => {
    now += ms
    await mappings.settle()
    return now < at
  }
  const progress = (settled: Settled): void => void looks.push(settled)
  const clock = { now: () => now }
  deps = { state, ledger, mappings, clock, rest, progress, targetTopic: (topic) => `west.${topic}` }
})

const states = (): Record<string, string> =>
  Object.fromEntries([...mappings.mappings.values()].map(({ topic, state: at }) => [topic, at]))
const counts = (): number[][] => looks.map(({ settled, waiting }) => [settled.length, waiting.length])
const setMode = (mode: LinkStatus['mode']): void => {
  state.status = { ...INITIAL_STATUS, mode, epoch: 3 }
}

describe('a pause of a link', () => {
  it('is written down before anything else, and waits until all mappings are disabled', async () => {
    const modes: string[] = []
    const enable = mappings.enable.bind(mappings)
    mappings.enable = (id, enabled) => {
      modes.push(state.status.mode)
      return enable(id, enabled)
    }
    const report = await pauseLink(inTime(), deps)
    expect(report).toMatchObject({ mode: 'paused', noted: true, waiting: [] })
    expect(report.settled).toHaveLength(2)
    expect(modes).toEqual(['paused', 'paused'])
    expect(states()).toEqual({ orders: 'Disabled', payments: 'Disabled' })
    expect(counts()).toEqual([
      [0, 2],
      [2, 0],
    ])
  })

  it('keeps role and epoch', async () => {
    setMode('forwarding')
    await pauseLink(inTime(), deps)
    expect(state.status).toEqual({ ...INITIAL_STATUS, mode: 'paused', epoch: 3 })
  })

  it('changes nothing the second time', async () => {
    await pauseLink(inTime(), deps)
    mappings.changes.length = 0
    expect(await pauseLink(inTime(), deps)).toMatchObject({ mode: 'paused', noted: false })
    expect(mappings.changes).toEqual([])
  })

  it('ends what an earlier one began', async () => {
    setMode('paused')
    expect(await pauseLink(inTime(), deps)).toMatchObject({ noted: false, waiting: [] })
    expect(states()).toEqual({ orders: 'Disabled', payments: 'Disabled' })
  })

  it('waits for a mapping that is just being made, and not for one that is being removed', async () => {
    await mappings.create('new', { enabled: true })
    const { id } = await mappings.create('old', { enabled: true })
    await mappings.settle()
    await mappings.create('newest', { enabled: true })
    await mappings.remove(id)
    expect((await pauseLink(inTime(), deps)).waiting).toEqual([])
    expect(looks[0]?.waiting.map(({ topic }) => topic)).toEqual(['orders', 'payments', 'new', 'newest'])
    expect(states()).toMatchObject({ new: 'Disabled', newest: 'Disabled' })
  })

  it('asks once, and again when a mapping was switched back', async () => {
    let back = 8
    const settle = mappings.settle.bind(mappings)
    mappings.settle = async () => {
      await settle()
      if (back-- > 0)
        for (const one of mappings.mappings.values()) mappings.mappings.set(one.id, { ...one, state: 'Enabled' })
    }
    expect((await pauseLink({ ...inTime(), at: 60_000 }, deps)).waiting).toEqual([])
    expect(mappings.changes).toEqual(['disable orders', 'disable payments', 'disable orders', 'disable payments'])
  })

  it('says which mappings are not there yet when time is over', async () => {
    mappings.settle = async () => undefined
    const { settled, waiting } = await pauseLink({ ...inTime(), at: 5_000 }, deps)
    expect(settled).toEqual([])
    expect(waiting.map(({ topic, state: at }) => [topic, at])).toEqual([
      ['orders', 'Disabling'],
      ['payments', 'Disabling'],
    ])
  })

  it.each(['stopped', 'draining'] as const)('is refused while a failover has it %s', async (mode) => {
    setMode(mode)
    const refused = { code: 'LINK_NOT_FORWARDING', message: expect.stringContaining(`set it to ${mode}`) }
    await expect(pauseLink(inTime(), deps)).rejects.toMatchObject(refused)
    await expect(resumeLink(inTime(), deps)).rejects.toMatchObject(refused)
    expect(state.status.mode).toBe(mode)
    expect(mappings.changes).toEqual([])
  })
})

describe('the end of the pause of a link', () => {
  it('enables the mappings, but for topics that are paused by themselves or begin anew', async () => {
    mappings.deploy('new-life')
    await pauseLink(inTime(), deps)
    ledger.records.set('orders', RECORD)
    ledger.records.set('payments', { ...RECORD, paused: true })
    ledger.records.set('new-life', { ...RECORD, restarting: true })
    expect(await resumeLink(inTime(), deps)).toMatchObject({ mode: 'forwarding', noted: true, waiting: [] })
    expect(states()).toEqual({ orders: 'Enabled', payments: 'Disabled', 'new-life': 'Disabled' })
    expect(state.status.mode).toBe('forwarding')
  })

  it('changes nothing where nothing is paused', async () => {
    expect(await resumeLink(inTime(), deps)).toMatchObject({ noted: false })
    expect(mappings.changes).toEqual([])
  })
})

describe('a pause of a topic', () => {
  it('is remembered of the topic, and disables its mapping only', async () => {
    ledger.records.set('orders', RECORD)
    expect(await pauseTopic('orders', inTime(), deps)).toMatchObject({ mode: 'forwarding', noted: true, waiting: [] })
    expect(ledger.records.get('orders')).toEqual({ ...RECORD, paused: true })
    expect(states()).toEqual({ orders: 'Disabled', payments: 'Enabled' })
    mappings.changes.length = 0
    expect(await pauseTopic('orders', inTime(), deps)).toMatchObject({ noted: false })
    expect(mappings.changes).toEqual([])
  })

  it('begins the record of a topic that is replicated already', async () => {
    await state.advance({ topic: 'orders', partition: 4 }, undefined, HEAD)
    await pauseTopic('orders', inTime(), deps)
    expect(ledger.records.get('orders')).toEqual({ ...RECORD, incarnation: 'B', paused: true })
  })

  it('is refused for a topic that the link does not know', async () => {
    await expect(pauseTopic('ordres', inTime(), deps)).rejects.toMatchObject({ code: 'TOPIC_UNFOLLOWED' })
    expect(ledger.records).toEqual(new Map())
  })

  it('is tried again when a pass has changed the record meanwhile, and keeps what the pass wrote', async () => {
    ledger.records.set('orders', RECORD)
    const remember = ledger.remember.bind(ledger)
    let moved = false
    ledger.remember = async (topic, from, to) => {
      if (!moved) ledger.records.set('orders', { ...RECORD, missingSince: 7 })
      moved = true
      return remember(topic, from, to)
    }
    expect(await pauseTopic('orders', inTime(), deps)).toMatchObject({ noted: true })
    expect(ledger.records.get('orders')).toEqual({ ...RECORD, missingSince: 7, paused: true })
  })
})

describe('the end of the pause of a topic', () => {
  it('enables its mapping', async () => {
    ledger.records.set('orders', RECORD)
    await pauseTopic('orders', inTime(), deps)
    expect(await resumeTopic('orders', inTime(), deps)).toMatchObject({ noted: true, waiting: [] })
    expect(ledger.records.get('orders')).toEqual(RECORD)
    expect(states()).toEqual({ orders: 'Enabled', payments: 'Enabled' })
  })

  it.each(['paused', 'stopped'] as const)('leaves its mapping off while the link is %s', async (mode) => {
    ledger.records.set('orders', { ...RECORD, paused: true })
    setMode(mode)
    expect(await resumeTopic('orders', inTime(), deps)).toMatchObject({ mode, noted: true, settled: [], waiting: [] })
    expect(ledger.records.get('orders')?.paused).toBe(false)
    expect(mappings.changes).toEqual([])
  })

  it('leaves its mapping off while it begins anew', async () => {
    ledger.records.set('orders', { ...RECORD, paused: true, restarting: true })
    await resumeTopic('orders', inTime(), deps)
    expect(mappings.changes).toEqual([])
  })
})
