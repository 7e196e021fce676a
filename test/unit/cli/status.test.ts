import { beforeEach, describe, expect, it } from 'vitest'
import type { Invoke } from '../../../cli/asking.ts'
import { runStatus, type Screen } from '../../../cli/status.ts'
import { durationText } from '../../../cli/status-text.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'

const AT = Date.UTC(2026, 0, 2, 3, 4, 5)
const WELL = {
  link: 'west-east',
  at: AT,
  mode: 'forwarding',
  lag: { records: 0, lagMs: 0, gone: 0 },
  topics: [],
  worst: [],
  partitions: 4,
  unseen: 0,
  failover: { at: AT, groups: 2, reread: 1_200, unplaced: 0, worst: [] },
  heartbeatAgeMs: 3_100,
  rememberedAt: AT - 5_000,
  troubles: [],
  alarms: [],
}

const results: string[] = []
const notes: string[] = []
const events: unknown[] = []
const terminal = {
  result: (text: string) => void results.push(text),
  note: (text: string) => void notes.push(text),
}
beforeEach(() => {
  for (const list of [results, notes, events]) list.length = 0
})

const answering =
  (...answers: readonly object[]): Invoke =>
  async (deployed, event) => {
    events.push([deployed.name, deployed.region, event])
    return answers[Math.min(events.length, answers.length) - 1]
  }

const once: Screen = { isTTY: true, rest: async () => false }
const status = (invoke: Invoke, flags: readonly string[] = [], on: Screen = once) =>
  runStatus(['west-east', ...flags], terminal, invoke, on)
const rowIn = (text = results.join('\n')) => text.split('\n').find((line) => line.startsWith('west-east'))

describe('twinshore status', () => {
  it('prints one line a link, and ends with 0 while all is well', async () => {
    expect(await status(answering(WELL))).toBe(0)
    expect(events).toEqual([['twinshore-west-east-measure-lag', 'eu-west-1', { mode: 'status' }]])
    expect(rowIn()?.split(/ {2,}/)).toEqual([
      'west-east',
      'forwarding',
      '0',
      '0 s',
      '-',
      '0',
      '1,200',
      '3 s',
      'reachable',
    ])
    expect(results.join('\n').split('\n')).toHaveLength(2)
  })

  it('asks all links when none is named', async () => {
    await runStatus([], terminal, answering(WELL), once)
    expect(events.length).toBeGreaterThan(0)
  })

  it('ends with 1 when an alarm would fire, and says why and where', async () => {
    const lag = { records: 12_345, lagMs: 425_000, timeToLossMs: 3_600_000, gone: 0 }
    const worst = [{ topic: 'orders', partition: 3, records: 12_000, lagMs: 425_000, gone: 7, seenAt: AT }]
    expect(await status(answering({ ...WELL, lag, worst, alarms: ['lag-seconds', 'time-to-loss'] }))).toBe(1)
    expect(rowIn()?.split(/ {2,}/).slice(2, 6)).toEqual(['12,345', '7 min 5 s', '1 h', '12,345'])
    const text = results.join('\n')
    expect(text).toContain('lag-seconds: records wait for longer')
    expect(text).toContain('orders-3: 12,000 records, the oldest for 7 min 5 s, and 7 offsets before them are gone')
  })

  it('says what retention took unreplicated, also when nothing is left to wait', async () => {
    expect(await status(answering({ ...WELL, lag: { ...WELL.lag, gone: 1_234 } }))).toBe(0)
    expect(results.join('\n')).toContain('1,234 offsets that were not replicated are gone from the source')
  })

  it('says since when the source does not answer, and how old its figures are', async () => {
    const silent = { sourceUnreachableSince: AT - 120_000, unseen: 4, unseenSince: AT - 130_000 }
    const lag = { records: 3, lagMs: 130_000, gone: 0, atLeast: true }
    expect(await status(answering({ ...WELL, lag, ...silent, alarms: ['source-unreachable'] }))).toBe(1)
    expect(rowIn()).toContain('unreachable since 2026-01-02T03:02:05Z (2 min)')
    expect(rowIn()).toContain('over 2 min 10 s')
    expect(results.join('\n')).toContain('figures of 4 partitions are up to 2 min 10 s old')
  })

  it('tells of a link that cannot be asked, and of one whose answer makes no sense', async () => {
    const failing: Invoke = async () => {
      throw new ReplicationError('FUNCTION_UNREACHABLE', 'invoking it')
    }
    expect(await status(failing)).toBe(1)
    expect(results.join('\n')).toMatch(/west-east +unknown +\?/)
    expect(results.join('\n')).toContain('west-east: FUNCTION_UNREACHABLE: invoking it')
    expect(await status(answering({ hello: 'you' }))).toBe(1)
    expect(results.join('\n')).toContain('another version')
  })

  it('is one JSON document', async () => {
    expect(await status(answering({ ...WELL, alarms: ['lag-records'] }), ['--json'])).toBe(1)
    expect(JSON.parse(results.join(''))).toEqual({ well: false, links: [{ ...WELL, alarms: ['lag-records'] }] })
  })

  it('draws again until it is interrupted, and asks quietly; elsewhere than on a terminal it goes on below', async () => {
    const rounds = (isTTY: boolean): Screen => {
      let left = 2
      return { isTTY, rest: async () => left-- > 0 }
    }
    const invoke = answering(WELL, WELL, { ...WELL, alarms: ['lag-seconds'] })
    expect(await status(invoke, ['--watch'], rounds(true))).toBe(1)
    expect(results).toHaveLength(3)
    for (const text of results) expect(text.startsWith('\u001b[H\u001b[2J')).toBe(true)
    expect(notes).toHaveLength(1)
    results.length = 0
    await status(answering(WELL), ['--watch'], rounds(false))
    for (const text of results) expect(text).not.toContain('\u001b')
    expect(results).toHaveLength(3)
  })

  it.each([
    [0, '0 s'],
    [999, '0 s'],
    [45_000, '45 s'],
    [425_999, '7 min 5 s'],
    [6 * 3_600_000, '6 h'],
    [(3 * 24 + 4) * 3_600_000 + 59_000, '3 d 4 h'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})
