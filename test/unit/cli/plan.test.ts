import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Invoke } from '../../../cli/asking.ts'
import { runApply, runPlan } from '../../../cli/plan.ts'
import type { LeftOutTopic } from '../../../shared/domain/topics/topic-plan.ts'
import type { PassReport, StepReport } from '../../../shared/usecases/topics/pass-report.ts'

const quiet: PassReport = { steps: [], notes: [], leftOut: [], troubles: [], faulted: [] }

const step = (topic: string, outcome: StepReport['outcome'], error?: string): StepReport => ({
  topic,
  kind: 'grow',
  what: `grow west.${topic} on the target from 1 to 2 partitions`,
  outcome,
  ...(error !== undefined && { error }),
})

const leftOut = (count: number, because: LeftOutTopic['because'], detail: (topic: string) => string): LeftOutTopic[] =>
  Array.from({ length: count }, (_, index) => `${because}-${index}`).map((topic) => ({
    topic,
    because,
    detail: detail(topic),
  }))

const results: string[] = []
const notes: string[] = []
const terminal = { result: (text: string) => void results.push(text), note: (text: string) => void notes.push(text) }
let invoked: Parameters<Invoke>[]

beforeEach(() => {
  results.length = 0
  notes.length = 0
  invoked = []
})
afterEach(() => void vi.useRealTimers())

const answering =
  (answer: unknown): Invoke =>
  async (...asked) => {
    invoked.push(asked)
    return answer
  }

const TOPICS = ['west-east', '--only', 'topics']
const plan = (report: unknown, ...args: string[]) => runPlan([...TOPICS, ...args], terminal, answering(report))
const apply = (report: unknown, ...args: string[]) => runApply([...TOPICS, ...args], terminal, answering(report))
const lines = (): string[] => results.join('\n').split('\n')

describe.each([
  ['plan', plan],
  ['apply', apply],
] as const)('twinshore %s', (mode, command) => {
  it('asks the function of the link where it runs, and says so meanwhile on standard error', async () => {
    await command(quiet)
    const sync = {
      region: 'eu-west-1',
      name: 'twinshore-west-east-sync-topics',
      stack: 'twinshore-west-east-sync',
    }
    expect(invoked).toEqual([[expect.objectContaining(sync), { mode }]])
    expect(notes).toEqual(['asking twinshore-west-east-sync-topics in eu-west-1'])
  })

  it('waits longer than the function may take', async () => {
    await command(quiet)
    expect(invoked[0]?.[0].answersWithinMs).toBeGreaterThan(60_000)
  })

  it('says that there is nothing to do', async () => {
    expect(await command(quiet)).toBe(0)
    expect(results).toEqual(['topics of west-east: nothing to do'])
  })

  it('puts what needs somebody before what does not, and fails when a topic stands', async () => {
    const note = { because: 'renamed', about: 'a', detail: 'why' } as const
    const severities = (['pending', 'fault', 'warning'] as const).map((severity) => ({ ...note, severity }))
    expect(await command({ ...quiet, notes: severities, faulted: ['a'] })).toBe(1)
    expect(lines()).toEqual([
      'topics of west-east: nothing to do; 1 topic in trouble: a',
      '',
      'severity  about  because  detail',
      'fault     a      renamed  why',
      'warning   a      renamed  why',
      'pending   a      renamed  why',
    ])
  })

  it('is content with warnings and with what waits', async () => {
    const note = { severity: 'warning', because: 'renamed', about: 'a', detail: 'why' } as const
    expect(await command({ ...quiet, notes: [note], troubles: ['SOURCE_UNREACHABLE: describing b'] })).toBe(0)
    expect(results.join()).toContain('could not be found out\nSOURCE_UNREACHABLE: describing b')
  })

  it('shows topics that are left out by reason, and of many the first', async () => {
    await command({
      ...quiet,
      leftOut: [...leftOut(5, 'excluded', () => 'the link excludes it'), ...leftOut(1, 'internal', () => 'its own')],
    })
    expect(lines().slice(2)).toEqual(
      [
        'left out',
        'because   topics                                        detail',
        'excluded  excluded-0, excluded-1, excluded-2 and 2 more  the link excludes it',
        'internal  internal-0                                    its own',
      ].map((line) => expect.stringMatching(new RegExp(`^${line.replaceAll(/ {2,}/g, ' +')}$`))),
    )
  })

  it('shows so many reasons, and with --verbose every topic', async () => {
    const report = { ...quiet, leftOut: leftOut(12, 'unsupported', (topic) => `Lambda cannot poll ${topic}`) }
    await command(report)
    expect(results.join()).toContain('and 2 topics more; --verbose names all of them')
    expect(results.join()).not.toContain('unsupported-11')
    results.length = 0
    await command(report, '--verbose')
    for (const { topic, detail } of report.leftOut)
      expect(lines()).toContainEqual(expect.stringMatching(new RegExp(`^${topic} +unsupported +${detail}$`)))
  })

  it('prints one JSON document with all of it', async () => {
    const report = { ...quiet, steps: [step('a', 'planned')], leftOut: leftOut(30, 'excluded', () => 'why') }
    expect(await command(report, '--json')).toBe(0)
    expect(JSON.parse(results.join())).toEqual({ link: 'west-east', mode, topics: report })
  })

  it.each([[{}], [null], ['done'], [{ ...quiet, faulted: undefined }]])(
    'does not take %j for a report',
    async (answer) => {
      expect(await command(answer)).toBe(1)
      expect(results.join()).toMatch(/^topics of west-east: no answer\n\nFUNCTION_FAILED: .*it is no report of a pass/)
    },
  )

  it('refuses a link that has nothing to ask', async () => {
    const run = mode === 'plan' ? runPlan : runApply
    await expect(run(['east-west'], terminal, answering(quiet))).rejects.toThrow(/the topology has west-east/)
    await expect(run(['a', 'b'], terminal, answering(quiet))).rejects.toThrow(`${mode} takes the name of one link`)
    expect(invoked).toEqual([])
  })
})

describe('twinshore plan', () => {
  it('is a success also when there is something to do, and says that nothing was changed', async () => {
    expect(await plan({ ...quiet, steps: [step('a', 'planned'), step('a', 'planned'), step('b', 'planned')] })).toBe(0)
    expect(lines()[0]).toBe('topics of west-east: 3 steps for 2 topics to do, nothing was changed')
    expect(lines()[3]).toBe('a      planned  grow west.a on the target from 1 to 2 partitions')
  })

  it('tells every ten seconds that it still waits', async () => {
    vi.useFakeTimers()
    const slow: Invoke = () => new Promise((resolve) => setTimeout(() => resolve(quiet), 25_000))
    const running = runPlan(TOPICS, terminal, slow)
    await vi.waitFor(() => expect(notes).toHaveLength(1))
    await vi.advanceTimersByTimeAsync(25_000)
    expect(await running).toBe(0)
    expect(notes.slice(1)).toEqual(
      ['10', '20'].map((seconds) => `${seconds} s, and no answer yet from twinshore-west-east-sync-topics`),
    )
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('twinshore apply', () => {
  it('is a success when every step was done', async () => {
    expect(await apply({ ...quiet, steps: [step('a', 'done')] })).toBe(0)
    expect(lines()[0]).toBe('topics of west-east: 1 step for 1 topic, 1 done')
  })

  it('fails when a step did, and says why beside it', async () => {
    const steps = [step('a', 'done'), step('b', 'failed', 'TOPIC_DENIED: growing west.b'), step('b', 'skipped')]
    expect(await apply({ ...quiet, steps, faulted: ['b'] })).toBe(1)
    expect(lines()[0]).toBe('topics of west-east: 3 steps for 2 topics, 1 done; 1 topic in trouble: b')
    expect(results.join()).toMatch(/^b +failed +grow .*: TOPIC_DENIED: growing west\.b$/m)
    expect(results.join()).toMatch(/^b +skipped +grow .* partitions$/m)
  })

  it('fails also when the step is no fault of its topic', async () => {
    expect(await apply({ ...quiet, steps: [step('a', 'failed', 'TOPIC_EXISTS: making west.a')] })).toBe(1)
  })
})
