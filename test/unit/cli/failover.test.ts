import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runDrill, runFailback, runFailover } from '../../../cli/failover.ts'
import { StepList } from '../../../cli/step-list.ts'
import { UsageError } from '../../../cli/usage-error.ts'
import { loadTopology } from '../../../shared/config/load-topology.ts'
import type { FailoverLink } from '../../../shared/domain/failover/failover-order.ts'
import type { Question } from '../../../shared/domain/failover/question.ts'
import { failoverReport } from '../../../shared/domain/failover/report.ts'
import { FakeFailoverDesk } from '../../fakes/failover-desk.ts'
import { STARTED_AT, stepRecord, storyFacts, storyPreflight } from '../../support/failover-story.ts'
import { loseLoginName, restoreLoginName } from '../../support/login.ts'

const HASH = '0123456789abcdef0123456789abcdef'
const PLACE = 's3://bucket/reports/one/report.json'
const topology = await loadTopology('self-managed-pair')
const PAIR = topology.pairs[0]?.name ?? 'none'

let results: string[]
let notes: string[]
let shown: string[]
let typed: string[]
let desks: Record<'ohio' | 'dublin', FakeFailoverDesk>
let interrupt: () => void
let interactive: boolean

const terminal = { result: (text: string) => void results.push(text), note: (text: string) => void notes.push(text) }

beforeEach(() => {
  ;[results, notes, shown, typed] = [[], [], [], []]
  desks = { ohio: new FakeFailoverDesk(), dublin: new FakeFailoverDesk() }
  desks.ohio.linkStatus = { mode: 'stopped', role: 'active', epoch: 0 }
  interrupt = () => expect.unreachable('nothing can be interrupted yet')
  interactive = false
})

const around = () => ({
  topology: async () => topology,
  connect: ({ order }: FailoverLink) => desks[order.link.target.name === 'ohio' ? 'ohio' : 'dublin'],
  prompt: {
    get interactive() {
      return interactive
    },
    ask: async () => typed.shift() ?? '',
  },
  list: () => new StepList({ write: (text: string) => shown.push(text) }),
  pause: () => setImmediate(),
  interrupted: (left: () => void) => {
    interrupt = left
    return () => undefined
  },
  name: () => 'one',
})

const failover = (...args: readonly string[]) => runFailover([PAIR, ...args], terminal, around())
const meant = ['--reason', 'maintenance'] as const

/** An execution that ends so after its preflight; `asks` before it goes on. */
const playTo = (
  desk: FakeFailoverDesk,
  outcome: 'done' | 'rolled-back' | 'held',
  { asks = false, passed = true } = {},
) => {
  const report = { ...storyPreflight, passed }
  desk.kept.set(PLACE, failoverReport(storyFacts({ ending: outcome })))
  desk.scenes = [
    () => desk.remember(stepRecord('validate', 0, 1)),
    () => desk.remember(stepRecord('preflight', 1, 2, { data: { hash: HASH, report } })),
    ...(asks ? [() => ask(desk, 'approve')] : []),
    () => desk.remember(stepRecord(outcome === 'rolled-back' ? 'rollback' : 'promote', 3, 4)),
    () => (desk.looked = { kind: 'ended', outcome, report: PLACE }),
  ]
}

const ask = (desk: FakeFailoverDesk, kind: 'approve' | 'hold', expiresAt = Date.now() + 60_000) => {
  const hash = kind === 'approve' ? { hash: HASH } : { because: 'verify: groups were set back' }
  desk.remember(stepRecord(kind, 2, 3, { outcome: 'again' }))
  desk.open = { kind, token: `token-${kind}`, ...hash, askedAt: STARTED_AT, expiresAt }
}

describe('twinshore failover', () => {
  it('goes to the cluster that is not active, shows the steps, and ends with 0 when it is done', async () => {
    playTo(desks.dublin, 'done')
    expect(await failover(...meant, '--by', 'anna')).toBe(0)
    expect(desks.dublin.executions.get('one')).toEqual({ mode: 'planned', reason: 'maintenance', who: 'anna' })
    expect(shown.join('')).toMatch(/^validate +done +validate is done\npreflight +done/)
    expect(results[0]).toMatch(/^lost +0 records$/m)
    expect(results[0]).toMatch(/^report +s3:\/\/bucket\/reports\/one\/report\.html$/m)
    expect(desks.ohio.closed + desks.dublin.closed).toBe(2)
  })

  it('goes the other way once the other cluster is active', async () => {
    desks.ohio.linkStatus = { mode: 'forwarding', role: 'standby', epoch: 1 }
    desks.dublin.linkStatus = { mode: 'stopped', role: 'active', epoch: 1 }
    playTo(desks.ohio, 'done')
    expect(await runFailback([PAIR, ...meant], terminal, around())).toBe(0)
    expect(desks.ohio.executions.get('one')).toMatchObject({ mode: 'failback' })
  })

  it('wants to be told where to go when a region does not say who is active', async () => {
    desks.ohio.reachable = false
    await expect(failover(...meant)).rejects.toThrow(/name the other one with --to/)
    playTo(desks.dublin, 'done')
    expect(await failover('--to', 'dublin', '--unplanned', ...meant)).toBe(0)
    await expect(failover('--to', 'paris', ...meant)).rejects.toThrow(/lead to dublin and ohio/)
  })

  it.each(['rolled-back', 'held'] as const)('ends with 1 when it was %s', async (outcome) => {
    playTo(desks.dublin, outcome)
    expect(await failover(...meant)).toBe(1)
    expect(results[0]).toContain(outcome)
  })

  it('ends with 1 when the execution broke, and says how', async () => {
    desks.dublin.looked = { kind: 'broken', status: 'ABORTED', cause: 'somebody stopped it' }
    expect(await failover(...meant)).toBe(1)
    expect(notes.join()).toMatch(/one ended as ABORTED: somebody stopped it/)
  })

  it('ends with 0 although its report cannot be read, and says so', async () => {
    playTo(desks.dublin, 'done')
    desks.dublin.kept.clear()
    expect(await failover(...meant)).toBe(0)
    expect(notes.join()).toContain('REPORT_UNREACHABLE')
    expect(results[0]).toContain(PLACE)
  })

  it('looks again when nobody answers, and gives up when nobody ever does', async () => {
    playTo(desks.dublin, 'done')
    desks.dublin.silent = 3
    expect(await failover(...meant)).toBe(0)
    desks.dublin.silent = 1_000
    await expect(failover(...meant)).rejects.toThrow('MACHINE_UNREACHABLE')
  })

  it('counts silent looks anew whenever somebody has answered', async () => {
    playTo(desks.dublin, 'done')
    const stumble = () => {
      desks.dublin.silent = 1
    }
    desks.dublin.scenes.unshift(...Array.from({ length: 40 }, () => stumble))
    expect(await failover(...meant)).toBe(0)
  })

  it('is one JSON document', async () => {
    playTo(desks.dublin, 'done')
    await failover(...meant, '--json')
    expect(results).toHaveLength(1)
    expect(JSON.parse(results[0] ?? '')).toMatchObject({
      pair: PAIR,
      execution: 'one',
      outcome: 'done',
      report: { version: 1 },
    })
  })
})

describe('an approval', () => {
  it('is given by whoever types the beginning of the hash, after every check was shown', async () => {
    playTo(desks.dublin, 'done', { asks: true })
    interactive = true
    typed = ['yes', '', '01234567']
    expect(await failover(...meant, '--by', 'anna')).toBe(0)
    expect(desks.dublin.answers).toEqual([{ token: 'token-approve', hash: HASH, by: 'anna' }])
    expect(notes.join('\n')).toMatch(/^pass +lag-records +12 records +at most 1000$/m)
  })

  it('is refused by whoever says no', async () => {
    playTo(desks.dublin, 'rolled-back', { asks: true })
    interactive = true
    typed = ['no']
    expect(await failover(...meant, '--by', 'anna')).toBe(1)
    expect(desks.dublin.answers).toEqual([{ token: 'token-approve', by: 'anna', because: 'not approved' }])
  })

  it('is never given by a script, which is told how to give it', async () => {
    playTo(desks.dublin, 'done', { asks: true })
    const running = failover(...meant)
    await expect.poll(() => notes.join('\n')).toContain(`--follow one --topology local --yes ${HASH}`)
    for (let looks = 0; looks < 5; looks++) await setImmediate()
    expect(notes.filter((note) => note.includes('--yes'))).toHaveLength(1)
    interrupt()
    expect(await running).toBe(1)
    expect(desks.dublin.answers).toEqual([])
  })

  it('beforehand is for the very preflight that it names', async () => {
    playTo(desks.dublin, 'done', { asks: true })
    desks.dublin.executions.set('one', { mode: 'planned', reason: 'r', who: 'w' })
    const other = HASH.replaceAll('0', 'f')
    const wrong = failover('--follow', 'one', '--yes', other)
    await expect.poll(() => notes.join('\n')).toContain(`--yes is for another preflight, ${other}`)
    interrupt()
    await wrong
    expect(desks.dublin.answers).toEqual([])
    expect(await failover('--follow', 'one', '--yes', HASH, '--by', 'bert')).toBe(0)
    expect(desks.dublin.answers).toEqual([{ token: 'token-approve', hash: HASH, by: 'bert' }])
  })

  it('is asked of nobody once it is written down, although what comes next is not done yet', async () => {
    playTo(desks.dublin, 'done')
    const written = stepRecord('approve', 2, 3, { message: 'bert has approved it' })
    desks.dublin.scenes.splice(2, 0, () => desks.dublin.remember(written))
    const expiresAt = Date.now() + 60_000
    const stays: Question = { kind: 'approve', token: 'old', hash: HASH, askedAt: STARTED_AT, expiresAt }
    desks.dublin.questions.question = async () => stays
    interactive = true
    expect(await failover(...meant)).toBe(0)
    expect([desks.dublin.answers, notes.join()]).toEqual([[], expect.not.stringContaining('lag-records')])
  })

  it('that somebody else has given is no fault', async () => {
    playTo(desks.dublin, 'done', { asks: true })
    desks.dublin.answerIs = 'late'
    interactive = true
    typed = ['01234567']
    expect(await failover(...meant)).toBe(0)
    expect(notes.join()).toContain('somebody else has answered')
  })

  it('goes into the wish when it is there from the start', async () => {
    playTo(desks.dublin, 'done')
    await failover(...meant, '--yes', HASH)
    expect(desks.dublin.executions.get('one')).toMatchObject({ approved: HASH })
  })
})

describe('an execution that is held', () => {
  beforeEach(() => {
    playTo(desks.dublin, 'done')
    desks.dublin.executions.set('one', { mode: 'planned', reason: 'r', who: 'w' })
    desks.dublin.scenes.splice(2, 0, () => ask(desks.dublin, 'hold'))
  })

  it.each([
    ['--retry', 'retry'],
    ['--end', 'end'],
    ['--roll-back', 'rollback'],
  ])('goes on as %s says', async (flag, answer) => {
    expect(await failover(flag, 'one', '--by', 'anna')).toBe(0)
    expect(desks.dublin.answers).toEqual([{ token: 'token-hold', do: answer, by: 'anna' }])
  })

  it('asks whoever is there, and says why it is held', async () => {
    interactive = true
    typed = ['what?', 'retry']
    expect(await failover('--follow', 'one', '--by', 'anna')).toBe(0)
    expect(notes.join()).toContain('verify: groups were set back')
    expect(desks.dublin.answers).toEqual([{ token: 'token-hold', do: 'retry', by: 'anna' }])
  })

  it('answers once: what is held again after a retry asks again', async () => {
    desks.dublin.scenes.splice(3, 0, () => {
      ask(desks.dublin, 'hold')
      if (desks.dublin.open) desks.dublin.open = { ...desks.dublin.open, token: 'token-again' }
    })
    const running = failover('--retry', 'one')
    await expect.poll(() => notes.join('\n')).toContain('--retry one')
    interrupt()
    expect(await running).toBe(1)
    expect(desks.dublin.answers).toHaveLength(1)
  })

  it('is not asked about once its time is up', async () => {
    desks.dublin.scenes.splice(2, 1, () => ask(desks.dublin, 'hold', Date.now() - 1))
    const running = failover('--retry', 'one')
    await expect.poll(() => shown.join('')).toContain('hold')
    interrupt()
    expect(await running).toBe(1)
    expect(desks.dublin.answers).toEqual([])
  })
})

describe('who looks no longer', () => {
  it('leaves it running, and is told how to look again', async () => {
    const running = failover(...meant)
    await expect.poll(() => desks.dublin.executions.size).toBe(1)
    interrupt()
    expect(await running).toBe(1)
    expect(notes.at(-1)).toContain(`npx twinshore failover ${PAIR} --follow one --topology local`)
  })

  it('finds it again in whichever direction it goes', async () => {
    desks.ohio.executions.set('one', { mode: 'failback', reason: 'r', who: 'w' })
    playTo(desks.ohio, 'done')
    desks.dublin.reachable = false
    expect(await failover('--follow', 'one')).toBe(0)
    await expect(failover('--follow', 'two')).rejects.toThrow(/no such execution; MACHINE_UNREACHABLE/)
  })
})

describe('an execution that nobody names', () => {
  const wish = { mode: 'planned', reason: 'r', who: 'w' } as const

  it('is the one that runs, in whichever direction', async () => {
    playTo(desks.ohio, 'done')
    desks.ohio.executions.set('one', wish)
    Object.assign(desks.dublin, { startedAt: 9, looked: { kind: 'ended', outcome: 'done' } })
    desks.dublin.executions.set('later', wish)
    expect(await failover('--follow', '--by', 'anna')).toBe(0)
    expect(results[0]).toContain('report.html')
  })

  it('is the newest when none runs, and nothing when there was none', async () => {
    for (const [name, at] of [
      ['ohio', 1],
      ['dublin', 2],
    ] as const)
      Object.assign(desks[name], {
        startedAt: at,
        looked: { kind: 'ended', outcome: name === 'dublin' ? 'done' : 'held' },
      })
    await expect(failover('--follow')).rejects.toThrow('the pair never had any')
    desks.ohio.executions.set('old', wish)
    desks.dublin.executions.set('new', wish)
    expect(await failover('--retry')).toBe(0)
    expect(results[0]).toContain('new: done')
  })
})

describe('a dry run', () => {
  it.each([
    [true, 0],
    [false, 1],
  ])('prints the preflight alone, and passes with it (%s)', async (passed, code) => {
    playTo(desks.dublin, 'rolled-back', { passed })
    expect(await failover('--dry-run')).toBe(code)
    expect(desks.dublin.executions.get('one')).toMatchObject({ mode: 'planned', dryRun: true })
    expect(results).toHaveLength(1)
    expect(results[0]).toContain(`its hash is ${HASH}`)
    expect(results[0]).not.toContain('rolled-back')
  })

  it('ends with 1 when it did not come to a preflight, and says why', async () => {
    desks.dublin.scenes = [
      () => desks.dublin.remember(stepRecord('lock', 0, 1, { outcome: 'refused', message: 'another one runs' })),
      () => (desks.dublin.looked = { kind: 'ended', outcome: 'rolled-back', report: PLACE }),
    ]
    expect(await failover('--dry-run', '--json')).toBe(1)
    expect(notes.join()).toContain('lock: another one runs')
    expect(JSON.parse(results[0] ?? '')).toMatchObject({ passed: false })
  })
})

describe('a drill', () => {
  it('needs no reason, and is well when nothing was changed', async () => {
    playTo(desks.dublin, 'done')
    desks.dublin.scenes[desks.dublin.scenes.length - 1] = () =>
      (desks.dublin.looked = { kind: 'ended', outcome: 'drilled', report: PLACE })
    expect(await runDrill([PAIR], terminal, around())).toBe(0)
    expect(desks.dublin.executions.get('one')).toMatchObject({ mode: 'drill', reason: 'a drill' })
  })
})

describe('a drill to the cluster that is active', () => {
  it('says that it rests, and is no failure', async () => {
    desks.dublin.scenes = [
      () => desks.dublin.remember(stepRecord('validate', 0, 1, { answered: { rests: true } })),
      () => (desks.dublin.looked = { kind: 'ended', outcome: 'resting' }),
    ]
    expect(await runDrill([PAIR], terminal, around())).toBe(0)
    expect(results).toEqual([
      'one: resting; dublin is the active cluster: drills of a failover to it rest until ohio is',
    ])
  })
})

describe('a login that has no name', () => {
  beforeEach(loseLoginName)
  afterEach(restoreLoginName)

  const begun = () => {
    playTo(desks.dublin, 'done')
    desks.dublin.executions.set('one', { mode: 'planned', reason: 'r', who: 'w' })
  }

  it('looks all the same', async () => {
    begun()
    expect(await failover('--follow')).toBe(0)
  })

  it.each([
    ['starts', [...meant]],
    ['approves', ['--follow', '--yes', HASH]],
    ['ends', ['--end']],
  ])('says who it is when it %s', async (_what, flags) => {
    await expect(failover(...flags)).rejects.toThrow(/no name on this machine: say it with --by NAME/)
    await expect(failover(...flags)).rejects.toThrow(UsageError)
    expect(desks.dublin.executions.size).toBe(0)
  })

  it.each(['approve', 'hold'] as const)('is told so before it is asked (%s)', async (kind) => {
    begun()
    desks.dublin.scenes.splice(2, 0, () => ask(desks.dublin, kind))
    interactive = true
    typed = ['retry']
    await expect(failover('--follow')).rejects.toThrow(/--by NAME/)
    expect(typed).toEqual(['retry'])
  })
})

describe('what is asked for', () => {
  it('reaches the execution as it was said', async () => {
    playTo(desks.dublin, 'done')
    const flags = [
      '--tail',
      'merge',
      '--positions',
      '2026-05-03T10:00:00Z',
      '--lost-records',
      '7',
      '--lag-records',
      '9',
      '--force',
    ]
    await failover('--unplanned', ...meant, '--by', 'anna', ...flags)
    expect(desks.dublin.executions.get('one')).toEqual({
      mode: 'unplanned',
      reason: 'maintenance',
      who: 'anna',
      tail: 'merge',
      positions: { kind: 'timestamp', at: STARTED_AT },
      limits: { lostRecords: 7, lagRecords: 9 },
      force: true,
    })
  })

  it.each([
    ['no pair', () => runFailover([], terminal, around()), /name of one pair/],
    ['no reason', () => failover(), /--reason/],
    ['a reason of blanks, forced', () => failover('--force', '--dry-run', '--reason', ' '), /--force takes a --reason/],
    ['an unplanned failback', () => runFailback([PAIR, '--unplanned', ...meant], terminal, around()), /--unplanned/],
    ['a part of a hash', () => failover(...meant, '--yes', '01234567'), /whole hash/],
    ['a time without a zone', () => failover(...meant, '--positions', '2026-05-03T10:00:00'), /--positions/],
    ['a day that there is not', () => failover(...meant, '--positions', '2026-13-03T10:00:00Z'), /--positions/],
    ['another tail', () => failover(...meant, '--tail', 'keep'), /--tail: keep is nothing .* choose export/],
    ['a scrape of what was planned', () => failover(...meant, '--tail', 'scrape'), /--tail scrape is for --unplanned/],
    ['half a record', () => failover(...meant, '--lost-records', '0.5'), /whole number/],
    ['a start that follows', () => failover('--follow', 'one', ...meant), /goes on with an execution/],
    ['two ways to go on', () => failover('--retry', 'one', '--end', 'one'), /goes on with an execution/],
  ])('is refused with %s', async (_what, run, message) => {
    const refusal = await run().catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(UsageError)
    expect(String(refusal)).toMatch(message)
    expect(desks.dublin.executions.size).toBe(0)
  })

  it('is refused for a pair that there is not, with those that there are', async () => {
    await expect(runFailover(['nowhere', ...meant], terminal, around())).rejects.toThrow(
      `these pairs have failover: ${PAIR}`,
    )
  })
})
