import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TailChoice } from '../../../../../shared/domain/failover/failover-input.ts'
import { failoverReport } from '../../../../../shared/domain/failover/report.ts'
import { reportPage } from '../../../../../shared/domain/failover/report-page.ts'
import { durationText } from '../../../../../shared/domain/failover/report-text.ts'
import { timeScale } from '../../../../../shared/domain/failover/report-timeline.ts'
import { timelineOf } from '../../../../../shared/domain/failover/report-times.ts'
import {
  STARTED_AT,
  stepRecord,
  storyFacts,
  storyInput,
  storyPreflight,
  storyRecords,
} from '../../../../support/failover-story.ts'

const unplanned = { ...storyInput, mode: 'unplanned' as const }

const withStep = (step: string, data: Record<string, unknown>) =>
  storyRecords.map((record) => (record.step === step ? { ...record, data } : record))

describe('the times of a failover', () => {
  it('tell people, the drain and the machine apart', () => {
    expect(failoverReport(storyFacts()).times).toEqual({
      totalMs: 630_000,
      rtoMs: 625_000,
      ownMs: 625_000 - 599_900 - 8_000,
      unwritableMs: 20_000,
      waitedForPeopleMs: 599_900,
      drainMs: 8_000,
    })
  })

  it('lack what it did not come to', () => {
    const records = storyRecords.slice(0, 3)
    const { times } = failoverReport(storyFacts({ records, ending: 'rolled-back' }))
    expect(times).toEqual({ totalMs: 4_000, waitedForPeopleMs: 0, drainMs: 0 })
  })

  it('draw the wait for a person until what came after it, and the report itself not at all', () => {
    const bars = timelineOf([...storyRecords, stepRecord('report', 630, 631)])
    expect(bars.map(({ step }) => step)).toEqual(storyRecords.map(({ step }) => step))
    expect(bars.find(({ step }) => step === 'approve')).toMatchObject({ waits: true, endedAt: STARTED_AT + 604_000 })
  })
})

describe('what was lost', () => {
  it('is nothing of every topic after a drain to the end', () => {
    const { loss } = failoverReport(storyFacts())
    expect(loss).toEqual({
      records: 0,
      expected: false,
      topics: [
        { topic: 'orders', records: 0, lossMs: 0 },
        { topic: 'payments', records: 0, lossMs: 0 },
      ],
    })
  })

  it('is what the drain counted by topic, with how long it had waited', () => {
    const loss = { records: 5, topics: [{ topic: 'payments', records: 5 }] }
    const report = {
      ...storyPreflight,
      loss: { records: 9, knownAt: 7, topics: [{ topic: 'payments', records: 9, lagMs: 1_500 }] },
    }
    const records = withStep('drain', { loss }).map((record) =>
      record.step === 'preflight' ? { ...record, data: { hash: 'x', report } } : record,
    )
    expect(failoverReport(storyFacts({ records, input: unplanned })).loss).toEqual({
      records: 5,
      expected: false,
      knownAt: 7,
      topics: [
        { topic: 'payments', records: 5, lossMs: 1_500 },
        { topic: 'orders', records: 0, lossMs: 0 },
      ],
    })
  })

  it('is unknown when nobody knows, and no topic is called unharmed', () => {
    const records = withStep('drain', { loss: { topics: [] } })
    expect(failoverReport(storyFacts({ records, input: unplanned })).loss).toEqual({ expected: false, topics: [] })
  })

  it('is only expected when it did not come to a drain', () => {
    const report = { ...storyPreflight, loss: { records: 9, topics: [{ topic: 'orders', records: 9 }] } }
    const records = [stepRecord('preflight', 1, 2, { data: { hash: 'x', report } })]
    const { loss } = failoverReport(storyFacts({ records, input: unplanned, ending: 'rolled-back' }))
    expect(loss).toMatchObject({ records: 9, expected: true })
  })
})

describe('consumer groups', () => {
  it('read nothing again when they were moved after the drain', () => {
    expect(failoverReport(storyFacts()).groups).toMatchObject({ groups: 1, positions: 2, readAgain: 0, skipped: 0 })
  })

  it('stand where somebody chose, and what that repeats and skips is counted', () => {
    const placed = [
      { group: 'billing', topic: 'orders', partition: 0, offset: '30' },
      { group: 'billing', topic: 'orders', partition: 1, offset: '12' },
      { group: 'new', topic: 'orders', partition: 1, offset: '12' },
    ]
    const input = { ...storyInput, positions: { kind: 'latest' as const } }
    const { groups } = failoverReport(storyFacts({ records: withStep('promote', { placed }), input }))
    expect(groups).toMatchObject({ groups: 2, positions: 3, readAgain: 10, skipped: 5 })
    expect(groups.places).toEqual([
      { group: 'billing', topic: 'orders', partition: 0, before: '41', after: '30' },
      { group: 'billing', topic: 'orders', partition: 1, before: '7', after: '12' },
      { group: 'new', topic: 'orders', partition: 1, after: '12' },
    ])
  })

  it('may be anywhere when a promotion was begun that left no word of them, and were not moved when none was', () => {
    const input = { ...storyInput, positions: { kind: 'earliest' as const } }
    const groupsOf = (records: typeof storyRecords, mode: 'planned' | 'drill' = 'planned') =>
      failoverReport(storyFacts({ records, input: { ...input, mode } })).groups
    const unknown = groupsOf(withStep('promote', {}))
    expect(unknown.because).toContain('which groups were placed is not known')
    expect([unknown.readAgain, unknown.skipped]).toEqual([undefined, undefined])
    const notBegun = groupsOf(storyRecords.filter(({ step }) => step !== 'promote'))
    expect([notBegun.because, notBegun.readAgain]).toEqual(['groups were not moved', undefined])
    const drilled = groupsOf(withStep('groups', {}), 'drill')
    expect([drilled.because, drilled.readAgain]).toEqual(['groups were not moved', undefined])
  })

  it('read again what the canary knew when the source was gone, or nobody knows', () => {
    const records = withStep('groups', { moved: 0 })
    expect(failoverReport(storyFacts({ records, input: unplanned })).groups.readAgain).toBeUndefined()
    const report = { ...storyPreflight, reread: { at: 1, groups: 1, reread: 14 } }
    const known = records.map((one) => (one.step === 'preflight' ? { ...one, data: { hash: 'x', report } } : one))
    expect(failoverReport(storyFacts({ records: known, input: unplanned })).groups.readAgain).toBe(14)
  })

  it('of a drill are as they were read on both clusters', () => {
    const records = withStep('groups', { readAgain: 2, skipped: 1 })
    const input = { ...storyInput, mode: 'drill' as const }
    expect(failoverReport(storyFacts({ records, input, ending: 'drilled' })).groups).toMatchObject({
      readAgain: 2,
      skipped: 1,
    })
  })
})

describe('the way back', () => {
  it('is the other machine, in its own region and the same account', () => {
    const [look, go, without] = failoverReport(storyFacts()).next
    expect([look?.command, go?.command]).toEqual([
      'npx twinshore failback west-east --to west --dry-run',
      "npx twinshore failback west-east --to west --reason '…'",
    ])
    expect(without?.command).toContain(
      '--region us-east-1 --state-machine-arn arn:aws:states:us-east-1:111122223333:stateMachine:twinshore-east-west-failover ',
    )
  })

  it('is none without a link back', () => {
    const { back: _, ...facts } = storyFacts()
    expect(failoverReport(facts).next).toEqual([])
  })

  it.each<[TailChoice, boolean]>([
    ['export', true],
    ['discard', false],
  ])('of what was stranded begins with the command that shows it: %s', (tail, isKept) => {
    const input = { ...storyFacts().input, mode: 'unplanned', tail } as const
    const [first, second] = failoverReport(storyFacts({ input })).next
    expect(first?.command).toBe('npx twinshore tail west-east')
    expect(first?.what.includes('record by record')).toBe(isKept)
    expect(second?.command).toContain('failback')
    expect(failoverReport(storyFacts({ input, ending: 'rolled-back' })).next).toHaveLength(1)
    expect(failoverReport(storyFacts({ input, ending: 'held' })).next[1]?.command).toBe(first?.command)
  })

  it('of one that was held names what is not done', () => {
    const records = storyRecords.filter(({ step }) => step !== 'reverse')
    const [first] = failoverReport(storyFacts({ records, ending: 'held' })).next
    expect(first?.what).toContain('not done: reverse;')
  })
})

describe('the preflights', () => {
  it('are all kept, the one that was acted on last', () => {
    const second = stepRecord('preflight', 600, 603, { attempt: 2, data: { hash: 'def', report: storyPreflight } })
    const { preflights } = failoverReport(storyFacts({ records: [second, ...storyRecords] }))
    expect(preflights.map(({ attempt, hash }) => [attempt, hash])).toEqual([
      [1, 'abc123'],
      [2, 'def'],
    ])
  })
})

describe('the time scale of the drawing', () => {
  it('never runs backwards, begins at nothing and ends at the width, however steps overlap', () => {
    const bar = fc.record({ from: fc.nat(1_000_000), lasts: fc.nat(1_000_000), waits: fc.boolean() })
    fc.assert(
      fc.property(fc.array(bar, { minLength: 1, maxLength: 12 }), (drawn) => {
        const bars = drawn.map(({ from, lasts, waits }) => ({
          ...{ step: 'fence' as const, attempt: 1, outcome: 'done' as const, message: '', calls: 1, waits },
          ...{ startedAt: from, endedAt: from + lasts },
        }))
        const scale = timeScale(bars, 0, 500)
        const end = Math.max(...bars.map(({ endedAt }) => endedAt))
        const places = [0, ...bars.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt])]
          .sort((a, b) => a - b)
          .map(scale)
        expect(places).toEqual([...places].sort((a, b) => a - b))
        expect([scale(0), scale(end)]).toEqual([0, end === 0 ? 0 : 500])
      }),
    )
  })

  it('leaves most of the width to the machine, whoever slept over an approval', () => {
    const scale = timeScale(timelineOf(storyRecords), STARTED_AT, 500)
    const wait = scale(STARTED_AT + 604_000) - scale(STARTED_AT + 4_100)
    expect(wait).toBe(100)
  })
})

describe('the page', () => {
  it('has no script, fetches nothing, and escapes whatever somebody wrote', () => {
    const page = reportPage(
      failoverReport(storyFacts({ stoppedAt: { step: 'fence', message: '</style><b onclick="x">' } })),
    )
    expect(page).not.toMatch(/<script|src=|@import|url\(|<link|\son\w+="/i)
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).toContain('maintenance &lt;of&gt; the &quot;west&quot; &amp; others')
  })

  it('shows what the JSON document says', () => {
    const page = reportPage(failoverReport(storyFacts()))
    for (const text of ['lag-records', '12 records', 'bert', 'abc123', 'billing', 'orders-1', '10 min 25 s', 'epoch'])
      expect(page).toContain(text)
  })
})

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [12_345, '12.3 s'],
    [59_999, '59.9 s'],
    [625_000, '10 min 25 s'],
    [7_500_000, '2 h 5 min'],
  ])('%d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})
