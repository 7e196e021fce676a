import { WriteStream } from 'node:tty'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Invoke } from '../../../cli/asking.ts'
import { runStatus, type Screen, STATUS_USAGE } from '../../../cli/status.ts'
import { durationText } from '../../../cli/status-text.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import { JUDGED_ALARMS, JUDGED_FAILOVER_ALARMS } from '../../../shared/domain/lag/link-verdict.ts'

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
  unmeasured: 0,
  standstillMs: 0,
  failover: { at: AT, groups: 2, reread: 1_200, unplaced: 0, worst: [] },
  heartbeatAgeMs: 3_100,
  rememberedAt: AT - 5_000,
  beatenAgoMs: 1_000,
  troubles: [],
  alarms: [],
  limits: {
    thresholds: { lagSeconds: 300, timeToLossMs: 3_600_000, standstillMs: 300_000 },
    ...{ heartbeats: true, syncTopics: true, syncGroups: true, syncsAccess: false },
  },
}
const PASS = { steps: [], notes: [], groups: [], leftOut: [], troubles: [], faulted: [] }
const RACKS = {
  verdict: 'unknown',
  racks: [],
  partitions: 4,
  unsafePartitions: 0,
  unknownPartitions: 4,
  unsafe: [],
  troubles: [],
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
  others = []
  found = {}
})

/** Of the canary, one after the other; the others find nothing wrong, unless it is said what. */
const answering =
  (...answers: readonly object[]): Invoke =>
  async (deployed, event) => {
    if (JSON.stringify(event) !== '{"mode":"status"}') return besides(deployed.name, event)
    events.push([deployed.name, deployed.region, event])
    return answers[Math.min(events.length, answers.length) - 1]
  }

let others: unknown[]
let found: Readonly<Record<string, object | Error>>
const besides = (name: string, event: object): object => {
  others.push([name, event])
  const what = 'side' in event ? `${event.side}` : name.replace(/^.*sync-/, '')
  const answer = found[what]
  if (answer instanceof Error) throw answer
  return { ...('side' in event ? RACKS : PASS), ...answer }
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
    const lag = { records: 12_345, lagMs: 425_000, timeToLossMs: 3_599_000, gone: 0 }
    const worst = [{ topic: 'orders', partition: 3, records: 12_000, lagMs: 425_000, gone: 7, seenAt: AT }]
    expect(await status(answering({ ...WELL, lag, worst }))).toBe(1)
    expect(rowIn()?.split(/ {2,}/).slice(2, 6)).toEqual(['12,345', '7 min 5 s', '59 min 59 s', '12,345'])
    const text = results.join('\n')
    expect(text).toContain('lag-seconds: records wait for longer than thresholds.lagSeconds (7 min 5 s, limit 5 min)')
    expect(text).toContain('time-to-loss: ')
    expect(text).toContain('orders-3: 12,000 records, the oldest for 7 min 5 s, and 7 offsets before them are gone')
  })

  it('says what retention took unreplicated, also when nothing is left to wait, and that is an alarm', async () => {
    expect(await status(answering({ ...WELL, lag: { ...WELL.lag, gone: 1_234 } }))).toBe(1)
    expect(results.join('\n')).toContain('1,234 offsets that were not replicated are gone from the source')
    expect(results.join('\n')).toMatch(/gone-records: .* \(1,234 offsets, limit 1 offsets\)/)
  })

  it('asks what the passes would do and what racks would take, once a minute while it watches', async () => {
    let left = 7
    await status(answering(WELL), ['--watch'], { isTTY: false, rest: async () => left-- > 0 })
    const once = [
      ['twinshore-west-east-sync-topics', { mode: 'plan' }],
      ['twinshore-west-east-sync-groups', { mode: 'plan' }],
      ['twinshore-west-east-measure-lag', { mode: 'racks', side: 'source' }],
      ['twinshore-west-east-measure-lag', { mode: 'racks', side: 'target' }],
    ]
    expect(events).toHaveLength(8)
    expect(others).toEqual([...once, ...once])
  })

  it.each<[string, typeof found, string]>([
    ['a topic that stands', { topics: { faulted: ['orders'] } }, 'faulted-topics'],
    [
      'a mapping that is off',
      { topics: { steps: [{ kind: 'enable-mapping' }, { kind: 'remember' }] } },
      'mappings-off',
    ],
    ['a group that cannot follow', { groups: { faulted: ['billing'] } }, 'faulted-groups'],
    ['a rack too few', { source: { unsafePartitions: 2, unknownPartitions: 0 } }, 'source-racks'],
    ['a rack too few on the target', { target: { unsafePartitions: 2, unknownPartitions: 0 } }, 'target-racks'],
  ])('counts %s', async (_what, wrong, alarm) => {
    found = wrong
    expect(await status(answering(WELL), ['--json'])).toBe(1)
    expect(JSON.parse(results.join(''))).toMatchObject({ well: false, links: [{ alarms: [alarm] }] })
    expect(await status(answering(WELL))).toBe(1)
    expect(results.at(-1)).toContain(`${alarm}: `)
  })

  it('counts who does not answer, or answers something else, and says so; the rest is told', async () => {
    found = { topics: new ReplicationError('FUNCTION_UNREACHABLE', 'planning'), target: { unsafePartitions: 'none' } }
    expect(await status(answering(WELL))).toBe(1)
    const text = results.join('\n')
    for (const alarm of ['faulted-topics', 'mappings-off', 'target-racks'])
      expect(text).toContain(`${alarm}: nobody answered`)
    expect(text).toContain('FUNCTION_UNREACHABLE: planning')
    expect(text).not.toContain('source-racks')
  })

  it('says what is lost or in quarantine, by topic, and how old figures are that are not of now', async () => {
    const account = { lost: 3_000, quarantined: 2, filtered: 0, looped: 0, replayed: 1, uncovered: 7 }
    const accounts = { at: AT, link: { ...account, atLeast: true }, topics: [{ topic: 'orders', ...account }] }
    const failover = { ...WELL.failover, at: AT - 95_000 }
    const verified = { at: AT - 3 * 3_600_000, differences: 0 }
    expect(await status(answering({ ...WELL, accounts, failover, verified }))).toBe(0)
    const text = results.join('\n')
    expect(text).toContain('orders: 3,000 lost, 2 in quarantine, 1 put back, 7 on the target that no run covers')
    expect(text).toContain('not on the target, or there besides: at least 3,000 lost')
    expect(text).toContain('what groups would read again was found out 1 min 35 s ago')
    expect(text).toContain('the last scheduled verification was 3 h ago')
  })

  it.each([
    ['on a terminal', true, {}, true],
    ['where NO_COLOR says so', true, { NO_COLOR: '1' }, false],
    ['in a pipe', false, {}, false],
  ])('has colours only where a person looks: %s', async (_where, isTTY, environment, colours) => {
    const { stdout } = process
    const before = { isTTY: stdout.isTTY, getColorDepth: stdout.getColorDepth }
    vi.stubEnv('FORCE_COLOR', undefined)
    const terminal = { TERM: 'xterm-256color', ...environment }
    Object.assign(stdout, { isTTY, getColorDepth: () => WriteStream.prototype.getColorDepth(terminal) })
    try {
      await status(answering({ ...WELL, lag: { ...WELL.lag, lagMs: 400_000 } }))
    } finally {
      Object.assign(stdout, before)
      vi.unstubAllEnvs()
    }
    expect(results.join('\n').includes('\u001b[31m')).toBe(colours)
  })

  it('says in its help which alarms it judges, and which it cannot know', () => {
    for (const alarm of [...JUDGED_ALARMS, ...JUDGED_FAILOVER_ALARMS]) expect(STATUS_USAGE).toContain(alarm)
    expect(STATUS_USAGE).toMatch(/function-errors, throttles\n +Lambda counts them/)
    expect(Math.max(...STATUS_USAGE.split('\n').map(({ length }) => length))).toBeLessThan(130)
  })

  it('says since when the source does not answer, and how old its figures are', async () => {
    const silent = { sourceUnreachableSince: AT - 120_000, unseen: 4, unseenSince: AT - 130_000 }
    const lag = { records: 3, lagMs: 130_000, gone: 0, atLeast: true }
    expect(await status(answering({ ...WELL, lag, ...silent }))).toBe(1)
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
    const lag = { ...WELL.lag, lagMs: 300_000 }
    expect(await status(answering({ ...WELL, lag }), ['--json'])).toBe(1)
    const { limits: _, ...rest } = WELL
    const { well, links } = JSON.parse(results.join(''))
    expect([well, links]).toMatchObject([false, [{ ...rest, lag, alarms: ['lag-seconds'], unanswered: [] }]])
    const judged = { alarm: 'lag-seconds', unit: 's', value: 300, limit: 300, verdict: 'bad' }
    expect(links[0].verdicts).toContainEqual(judged)
  })

  it('draws again until it is interrupted, and asks quietly; elsewhere than on a terminal it goes on below', async () => {
    const rounds = (isTTY: boolean): Screen => {
      let left = 2
      return { isTTY, rest: async () => left-- > 0 }
    }
    const invoke = answering(WELL, WELL, { ...WELL, lag: { ...WELL.lag, lagMs: 300_000 } })
    expect(await status(invoke, ['--watch'], rounds(true))).toBe(1)
    expect(results).toHaveLength(3)
    for (const text of results) expect(text.startsWith('\u001b[H\u001b[2J')).toBe(true)
    expect(new Set(notes).size).toBe(3)
    expect(notes).toHaveLength(5)
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

  describe('of a pair that fails over', () => {
    const STANDING = { approvalPending: false, held: false, fencePending: false, drillAgeDays: 97.9 }
    const ofPair = async (standing: unknown, ...flags: readonly string[]) => {
      const asked: unknown[] = []
      const invoke: Invoke = async (deployed, event) => {
        if (!deployed.name.endsWith('-fence')) return await answering(WELL)(deployed, event)
        asked.push([deployed.region, deployed.name, event])
        if (standing instanceof Error) throw standing
        return standing
      }
      const args = ['ohio-dublin', '--topology', 'self-managed-pair', ...flags]
      return { code: await runStatus(args, terminal, invoke, once), asked }
    }

    it('asks who knows of failovers, and is well as long as nothing waits for anybody', async () => {
      const { code, asked } = await ofPair(STANDING)
      expect(asked).toEqual([['eu-west-1', 'twinshore-ohio-dublin-fence', { action: 'status' }]])
      expect([code, results.join('\n')]).toEqual([0, expect.not.stringContaining('drill-age')])
    })

    it.each([
      ['approval-pending', { approvalPending: true }],
      ['failover-held', { held: true }],
      ['fence-pending', { fencePending: true }],
      ['drill-age', { drillAgeDays: 98 }],
    ])('judges %s', async (alarm, change) => {
      const { code } = await ofPair({ ...STANDING, ...change }, '--json')
      expect([code, JSON.parse(results.join(''))]).toMatchObject([1, { links: [{ alarms: [alarm] }] }])
      await ofPair({ ...STANDING, ...change })
      expect(results.at(-1)).toContain(`${alarm}: `)
    })

    it('leaves drills alone that rest', async () => {
      const { drillAgeDays: _, ...resting } = STANDING
      expect((await ofPair(resting)).code).toBe(0)
    })

    it.each([
      ['does not answer', new ReplicationError('FUNCTION_UNREACHABLE', 'asking the fence')],
      ['is of another version', { outcome: 'done' }],
    ])('does not call it well when who knows of failovers %s', async (_how, standing) => {
      expect((await ofPair(standing)).code).toBe(1)
      for (const alarm of JUDGED_FAILOVER_ALARMS) expect(results.join('\n')).toContain(`${alarm}: nobody answered`)
    })
  })
})
