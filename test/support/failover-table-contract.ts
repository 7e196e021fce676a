import { describe, expect, it } from 'vitest'
import type { TopicBoundary } from '../../shared/domain/failover/boundary.ts'
import type { StepRecord } from '../../shared/domain/failover/failover-step.ts'
import type { LockHolder, PairLock } from '../../shared/domain/failover/pair-lock.ts'
import type { PendingDebts } from '../../shared/domain/failover/pending-debts.ts'
import type { Question } from '../../shared/domain/failover/question.ts'
import { INITIAL_STATUS, type LinkStatus } from '../../shared/domain/head.ts'
import type {
  BoundaryLedger,
  PairState,
  PendingLedger,
  QuestionLedger,
  StepLedger,
} from '../../shared/usecases/failover/failover-ports.ts'
import { inTime } from './in-time.ts'

export interface FailoverTable {
  readonly pair: PairState
  readonly ledger: StepLedger
  readonly pending: PendingLedger
  readonly boundary: BoundaryLedger
  readonly questions: QuestionLedger
}

/** Opens what holds nothing; `initial`: the status of its link before anybody changes it. */
export type OpenFailoverTable = (initial: LinkStatus) => Promise<FailoverTable>

const NOW = 1_700_000_000_000
const ONE = 'arn:aws:states:eu-west-1:111122223333:execution:west-east-failover:one'
const OTHER = 'arn:aws:states:us-west-2:111122223333:execution:east-west-failover:other'
const FREE: PairLock = { reserved: 0 }
const STOPPED: LinkStatus = { mode: 'stopped', role: 'active', epoch: 0 }

const holder = (by: string): LockHolder => ({ by, purpose: 'failover', phase: 'acting', since: NOW })

/** What the table of a link promises to a failover, whoever keeps it. */
export const failoverTableContract = (name: string, open: OpenFailoverTable): void => {
  describe(name, () => {
    describe('lock and roles', () => {
      locks(open)
      roles(open)
    })
    describe('steps', () => steps(open))
    describe('debts', () => debts(open))
    describe('what is given up', () => decisions(open))
    describe('boundary', () => boundaries(open))
    describe('questions', () => questions(open))
  })
}

const locks = (open: OpenFailoverTable): void => {
  const lockOf = async ({ pair }: FailoverTable): Promise<PairLock> => (await pair.read(inTime())).lock

  it('is nobody’s at first, and the link is as it was deployed', async () => {
    for (const status of [INITIAL_STATUS, STOPPED])
      expect(await (await open(status)).pair.read(inTime())).toEqual({ status, lock: FREE })
  })

  it('is had by one, who may take it again', async () => {
    const table = await open(INITIAL_STATUS)
    const claim = { holder: holder(ONE), epoch: 3, from: FREE }
    expect(await table.pair.acquire(claim, inTime())).toBe('acquired')
    expect(await table.pair.acquire({ ...claim, from: await lockOf(table) }, inTime())).toBe('acquired')
    expect(await table.pair.acquire(claim, inTime())).toBe('acquired')
    expect(await table.pair.acquire({ ...claim, holder: holder(OTHER) }, inTime())).toBe('moved')
    expect(await lockOf(table)).toEqual({ holder: holder(ONE), reserved: 3 })
  })

  it('is taken over only from whom it was read, and reserves no lower epoch', async () => {
    const table = await open(INITIAL_STATUS)
    await table.pair.acquire({ holder: holder(ONE), epoch: 3, from: FREE }, inTime())
    const read = await lockOf(table)
    expect(await table.pair.acquire({ holder: holder(OTHER), epoch: 2, from: read }, inTime())).toBe('acquired')
    expect(await lockOf(table)).toEqual({ holder: holder(OTHER), reserved: 3 })
    expect(await table.pair.acquire({ holder: holder(ONE), epoch: 4, from: read }, inTime())).toBe('moved')
  })

  it('goes to one of those who ask at once', async () => {
    const { pair } = await open(INITIAL_STATUS)
    const owners = ['a', 'b', 'c', 'd'].map((by) => ({ holder: holder(by), epoch: 1, from: FREE }))
    const answers = await Promise.all(owners.map((claim) => pair.acquire(claim, inTime())))
    expect(answers.filter((answer) => answer === 'acquired')).toHaveLength(1)
  })

  it('is given back by whose it is, and remembers what was reserved', async () => {
    const table = await open(INITIAL_STATUS)
    await table.pair.acquire({ holder: holder(ONE), epoch: 3, from: FREE }, inTime())
    await table.pair.release(OTHER, inTime())
    expect((await lockOf(table)).holder?.by).toBe(ONE)
    await table.pair.release(ONE, inTime())
    await table.pair.release(ONE, inTime())
    expect(await lockOf(table)).toEqual({ reserved: 3 })
    expect(await table.pair.acquire({ holder: holder(OTHER), epoch: 4, from: await lockOf(table) }, inTime())).toBe(
      'acquired',
    )
  })

  it('reserves what it is told to when it is given back unused', async () => {
    const table = await open(INITIAL_STATUS)
    await table.pair.acquire({ holder: holder(ONE), epoch: 3, from: FREE }, inTime())
    await table.pair.release(OTHER, inTime(), 1)
    expect((await lockOf(table)).reserved).toBe(3)
    await table.pair.release(ONE, inTime(), 2)
    await table.pair.release(ONE, inTime(), 1)
    expect(await lockOf(table)).toEqual({ reserved: 2 })
  })

  it('is closed by whose it is, and stays closed until it is taken as it was read', async () => {
    const table = await open(INITIAL_STATUS)
    await table.pair.acquire({ holder: holder(ONE), epoch: 3, from: FREE }, inTime())
    expect(await table.pair.close(OTHER, inTime())).toBe('not-held')
    expect(await table.pair.close(ONE, inTime())).toBe('closing')
    expect(await table.pair.close(ONE, inTime())).toBe('closing')
    const closed = await lockOf(table)
    expect(closed).toEqual({ holder: { ...holder(ONE), phase: 'closing' }, reserved: 3 })
    expect(await table.pair.acquire({ holder: holder(ONE), epoch: 3, from: FREE }, inTime())).toBe('moved')
    expect(await table.pair.acquire({ holder: holder(ONE), epoch: 3, from: closed }, inTime())).toBe('acquired')
    expect((await lockOf(table)).holder?.phase).toBe('acting')
    await table.pair.release(ONE, inTime())
    expect(await table.pair.close(ONE, inTime())).toBe('not-held')
  })
}

const roles = (open: OpenFailoverTable): void => {
  const PROMOTED: LinkStatus = { mode: 'stopped', role: 'active', epoch: 1 }
  const acting = { by: ONE, phase: 'acting' } as const
  const held = async (initial: LinkStatus): Promise<PairState> => {
    const { pair } = await open(initial)
    await pair.acquire({ holder: holder(ONE), epoch: 1, from: FREE }, inTime())
    return pair
  }
  const statusOf = async (pair: PairState): Promise<LinkStatus> => (await pair.read(inTime())).status

  it.each([INITIAL_STATUS, STOPPED])('change in one write, from %o, and again without harm', async (initial) => {
    const pair = await held(initial)
    expect(await pair.setStatus(acting, initial, PROMOTED, inTime())).toBe('changed')
    expect(await pair.setStatus(acting, initial, PROMOTED, inTime())).toBe('changed')
    expect(await statusOf(pair)).toEqual(PROMOTED)
    expect(await pair.setStatus(acting, PROMOTED, { ...PROMOTED, epoch: 2 }, inTime())).toBe('changed')
  })

  it.each([
    ['another mode', { ...INITIAL_STATUS, mode: 'paused' as const }],
    ['another role', { ...INITIAL_STATUS, role: 'active' as const }],
    ['another epoch', { ...INITIAL_STATUS, epoch: 1 }],
  ])('stay as they are where %s was read', async (_what, read) => {
    const pair = await held(INITIAL_STATUS)
    expect(await pair.setStatus(acting, read, { ...PROMOTED, epoch: 7 }, inTime())).toBe('moved')
    expect(await statusOf(pair)).toEqual(INITIAL_STATUS)
  })

  it('are changed by nobody without the lock, or in another phase', async () => {
    const { pair } = await open(INITIAL_STATUS)
    expect(await pair.setStatus(acting, INITIAL_STATUS, PROMOTED, inTime())).toBe('not-held')
    await pair.acquire({ holder: holder(OTHER), epoch: 1, from: FREE }, inTime())
    expect(await pair.setStatus(acting, INITIAL_STATUS, PROMOTED, inTime())).toBe('not-held')
    await pair.close(OTHER, inTime())
    expect(await pair.setStatus({ ...acting, by: OTHER }, INITIAL_STATUS, PROMOTED, inTime())).toBe('not-held')
    expect(await statusOf(pair)).toEqual(INITIAL_STATUS)
    const closing = { by: OTHER, phase: 'closing' } as const
    expect(await pair.setStatus(closing, INITIAL_STATUS, STOPPED, inTime())).toBe('changed')
    await pair.release(OTHER, inTime())
    expect(await pair.setStatus(closing, STOPPED, INITIAL_STATUS, inTime())).toBe('not-held')
  })

  it.each([INITIAL_STATUS, STOPPED])(
    'stand down without the lock, from %o, to a later epoch alone',
    async (initial) => {
      const { pair } = await open(initial)
      const down: LinkStatus = { mode: initial.mode, role: 'standby', epoch: 4 }
      expect(await pair.standDown(initial, { ...down, role: 'active' }, inTime())).toBe('moved')
      expect(await pair.standDown(initial, { ...down, epoch: 0 }, inTime())).toBe('moved')
      expect(await pair.standDown({ ...initial, epoch: 1 }, down, inTime())).toBe('moved')
      expect(await statusOf(pair)).toEqual(initial)
      expect(await pair.standDown(initial, down, inTime())).toBe('changed')
      expect(await pair.standDown(initial, down, inTime())).toBe('changed')
      expect(await statusOf(pair)).toEqual(down)
    },
  )
}

const RECORD: StepRecord = {
  step: 'stop',
  attempt: 1,
  outcome: 'again',
  message: 'not “yet”',
  startedAt: NOW,
  endedAt: NOW + 1,
  calls: 2,
  data: {},
}

const steps = (open: OpenFailoverTable): void => {
  const RECORDS: readonly StepRecord[] = [
    RECORD,
    { ...RECORD, outcome: 'failed', data: { deep: [{ offset: '9223372036854775807' }, null, true, 1.5] } },
    { ...RECORD, outcome: 'done', answered: { hash: 'abc', passed: false, lag: 7 } },
  ]

  it.each(RECORDS)('are given back as they were remembered: %o', async (record) => {
    const { ledger } = await open(INITIAL_STATUS)
    expect(await ledger.remember('one', record, inTime())).toBe('remembered')
    expect(await ledger.remember('one', record, inTime())).toBe('remembered')
    expect(await ledger.steps('one', inTime())).toEqual(new Map([['stop', record]]))
    expect(await ledger.steps('on', inTime())).toEqual(new Map())
  })

  it('are written over until they are done, and then never', async () => {
    const { ledger } = await open(INITIAL_STATUS)
    const done: StepRecord = { ...RECORD, outcome: 'done', calls: 3 }
    await ledger.remember('one', RECORD, inTime())
    expect(await ledger.remember('one', done, inTime())).toBe('remembered')
    expect(await ledger.remember('one', RECORD, inTime())).toBe('kept')
    expect(await ledger.remember('one', { ...done, calls: 4 }, inTime())).toBe('kept')
    expect(await ledger.steps('one', inTime())).toEqual(new Map([['stop', done]]))
  })

  it('keep what a call has left of them that tells nothing by itself', async () => {
    const { ledger } = await open(INITIAL_STATUS)
    const { data: _, ...silent } = { ...RECORD, message: 'killed' }
    const data = { placed: [{ offset: '7' }] }
    expect(await ledger.remember('one', silent, inTime())).toBe('remembered')
    expect((await ledger.steps('one', inTime())).get('stop')).toEqual({ ...silent, data: {} })
    await ledger.remember('one', { ...RECORD, answered: { hash: 'abc' }, data }, inTime())
    expect(await ledger.remember('one', silent, inTime())).toBe('remembered')
    expect((await ledger.steps('one', inTime())).get('stop')).toEqual({ ...silent, data })
    const done = { ...silent, outcome: 'done' as const }
    expect(await ledger.remember('one', done, inTime())).toBe('remembered')
    expect(await ledger.remember('one', done, inTime())).toBe('remembered')
    expect(await ledger.remember('one', { ...done, data: {} }, inTime())).toBe('kept')
    expect((await ledger.steps('one', inTime())).get('stop')).toEqual({ ...done, data })
  })

  it('keep executions, steps and attempts apart', async () => {
    const { ledger } = await open(INITIAL_STATUS)
    const preflight: StepRecord = { ...RECORD, step: 'preflight', outcome: 'done' }
    await ledger.remember('one', preflight, inTime())
    await ledger.remember('one', { ...preflight, attempt: 2, message: 'again' }, inTime())
    await ledger.remember('one', { ...preflight, attempt: 10 }, inTime())
    await ledger.remember('one2', RECORD, inTime())
    const known = await ledger.steps('one', inTime())
    expect([...known.keys()].sort()).toEqual(['preflight', 'preflight#10', 'preflight#2'])
    expect(known.get('preflight#2')?.message).toBe('again')
  })
}

const debts = (open: OpenFailoverTable): void => {
  const DEBTS: PendingDebts = { execution: 'one', epoch: 3, tail: 'export', since: NOW, owed: ['fence'] }
  const held = async (): Promise<FailoverTable> => {
    const table = await open(INITIAL_STATUS)
    await table.pair.acquire({ holder: holder(ONE), epoch: 3, from: FREE }, inTime())
    return table
  }

  it('add up, each once, in their order, and are settled one by one', async () => {
    const { pending } = await held()
    expect(await pending.pending(inTime())).toBeUndefined()
    expect(await pending.owe(ONE, { ...DEBTS, owed: ['reverse', 'clients'] }, inTime())).toBe('owed')
    expect(await pending.owe(ONE, { ...DEBTS, since: NOW + 1 }, inTime())).toBe('owed')
    expect(await pending.owe(ONE, DEBTS, inTime())).toBe('owed')
    expect(await pending.pending(inTime())).toEqual({ ...DEBTS, owed: ['fence', 'clients', 'reverse'] })
    await pending.settle('one', 'clients', inTime())
    await pending.settle('one', 'clients', inTime())
    await pending.settle('one', 'tail', inTime())
    expect((await pending.pending(inTime()))?.owed).toEqual(['fence', 'reverse'])
    await pending.settle('one', 'fence', inTime())
    await pending.settle('one', 'reverse', inTime())
    expect(await pending.pending(inTime())).toBeUndefined()
    await pending.settle('one', 'reverse', inTime())
  })

  it('are of one execution at a time, which others neither add to nor settle', async () => {
    const { pair, pending } = await held()
    await pending.owe(ONE, DEBTS, inTime())
    await pending.settle('other', 'fence', inTime())
    await pair.release(ONE, inTime())
    await pair.acquire({ holder: holder(OTHER), epoch: 4, from: (await pair.read(inTime())).lock }, inTime())
    expect(await pending.owe(OTHER, { ...DEBTS, execution: 'other' }, inTime())).toBe('other')
    expect(await pending.pending(inTime())).toEqual(DEBTS)
    await pending.settle('one', 'fence', inTime())
    expect(await pending.owe(OTHER, { ...DEBTS, execution: 'other' }, inTime())).toBe('owed')
    expect((await pending.pending(inTime()))?.execution).toBe('other')
  })

  it('are added by nobody who has no lock, or is undoing what was done', async () => {
    const { pair, pending } = await held()
    expect(await pending.owe(OTHER, DEBTS, inTime())).toBe('not-held')
    await pair.close(ONE, inTime())
    expect(await pending.owe(ONE, DEBTS, inTime())).toBe('not-held')
    await pair.release(ONE, inTime())
    expect(await pending.owe(ONE, DEBTS, inTime())).toBe('not-held')
    expect(await pending.pending(inTime())).toBeUndefined()
  })
}

const decisions = (open: OpenFailoverTable): void => {
  const SCOPES = ['scrape', 'all'] as const

  it.each(SCOPES)('is decided by the first who decides it, of one execution and %s alone', async (what) => {
    const { pending, ledger } = await open(INITIAL_STATUS)
    for (const scope of SCOPES) expect(await pending.givenUp('one', scope, inTime())).toBeUndefined()
    const decision = { what, by: 'ana', reason: 'the app that wrote is off: #1 "done"', at: NOW }
    expect(await pending.giveUp('one', decision, inTime())).toBe('given-up')
    expect(await pending.giveUp('one', decision, inTime())).toBe('given-up')
    expect(await pending.giveUp('one', { ...decision, by: 'ben' }, inTime())).toBe('given-up-before')
    expect(await pending.givenUp('one', what, inTime())).toEqual(decision)
    expect(await pending.givenUp('two', what, inTime())).toBeUndefined()
    const other = { ...decision, what: what === 'all' ? 'scrape' : 'all', by: 'cleo' } as const
    expect(await pending.givenUp('one', other.what, inTime())).toBeUndefined()
    expect(await pending.giveUp('one', other, inTime())).toBe('given-up')
    expect(await pending.givenUp('one', other.what, inTime())).toEqual(other)
    expect(await pending.givenUp('one', what, inTime())).toEqual(decision)
    expect(await ledger.steps('one', inTime())).toEqual(new Map())
    expect(await pending.pending(inTime())).toBeUndefined()
  })
}

const boundaries = (open: OpenFailoverTable): void => {
  const LARGEST = (1n << 63n) - 1n
  const ORDERS: TopicBoundary = {
    topic: 'orders.eu-1_x',
    targetTopic: 'orders.eu-1_x',
    targetIncarnation: 'AAAAAAAAAAAAAAAAAAAAAA',
    points: new Map([
      [0, { targetEnd: 0n }],
      [1, { targetEnd: LARGEST, sourceEnd: LARGEST, replicated: { source: LARGEST, target: LARGEST } }],
      [2, { targetEnd: 5n, replicated: { source: 7n, target: 4n } }],
      [199, { targetEnd: 5n, sourceEnd: 0n }],
    ]),
  }
  const later = (topic: TopicBoundary): TopicBoundary => ({ ...topic, points: new Map([[0, { targetEnd: 99n }]]) })

  it('is given back as it was recorded, by topic', async () => {
    const { boundary } = await open(INITIAL_STATUS)
    expect(await boundary.record('one', ORDERS, inTime())).toBe('recorded')
    expect(await boundary.record('one', { ...ORDERS, topic: 'a' }, inTime())).toBe('recorded')
    expect(await boundary.topics('one', inTime())).toEqual([{ ...ORDERS, topic: 'a' }, ORDERS])
    expect(await boundary.topics('other', inTime())).toEqual([])
  })

  it('stays what it was first', async () => {
    const { boundary } = await open(INITIAL_STATUS)
    await boundary.record('one', ORDERS, inTime())
    expect(await boundary.record('one', later(ORDERS), inTime())).toBe('kept')
    expect(await boundary.topics('one', inTime())).toEqual([ORDERS])
  })

  it('takes no topic more once its step is done', async () => {
    const { boundary, ledger } = await open(INITIAL_STATUS)
    await ledger.remember('one', { ...RECORD, step: 'boundary' }, inTime())
    expect(await boundary.record('one', ORDERS, inTime())).toBe('recorded')
    await ledger.remember('one', { ...RECORD, step: 'boundary', outcome: 'done' }, inTime())
    expect(await boundary.record('one', later({ ...ORDERS, topic: 'new' }), inTime())).toBe('closed')
    expect(await boundary.topics('one', inTime())).toEqual([ORDERS])
    expect(await boundary.record('other', ORDERS, inTime())).toBe('recorded')
  })
}

const questions = (open: OpenFailoverTable): void => {
  const APPROVE: Question = { kind: 'approve', token: 'token', hash: 'abc', askedAt: NOW, expiresAt: NOW + 5 }
  const HOLD: Question = { kind: 'hold', token: 'other', because: 'verify: “no”', askedAt: NOW, expiresAt: NOW + 5 }

  it('are given back as they were asked, by execution and kind', async () => {
    const table = await open(INITIAL_STATUS)
    expect(await table.questions.question('one', 'approve', inTime())).toBeUndefined()
    await table.questions.ask('one', APPROVE, inTime())
    await table.questions.ask('one', HOLD, inTime())
    expect(await table.questions.question('one', 'approve', inTime())).toEqual(APPROVE)
    expect(await table.questions.question('one', 'hold', inTime())).toEqual(HOLD)
    expect(await table.questions.question('other', 'hold', inTime())).toBeUndefined()
    expect(await table.ledger.steps('one', inTime())).toEqual(new Map())
    expect(await table.boundary.topics('one', inTime())).toEqual([])
  })

  it('are replaced by later ones, and never by earlier ones', async () => {
    const table = await open(INITIAL_STATUS)
    await table.questions.ask('one', APPROVE, inTime())
    await table.questions.ask('one', { ...APPROVE, token: 'later', askedAt: NOW + 1 }, inTime())
    await table.questions.ask('one', { ...APPROVE, token: 'late' }, inTime())
    expect((await table.questions.question('one', 'approve', inTime()))?.token).toBe('later')
  })
}
