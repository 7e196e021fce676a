import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler } from '../../../functions/failover/handler.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import type { Question } from '../../../shared/domain/failover/question.ts'
import { type AskDeps, askOperator } from '../../../shared/usecases/failover/ask-operator.ts'
import type { StepContext } from '../../../shared/usecases/failover/failover-ports.ts'
import type { Steps } from '../../../shared/usecases/failover/run-step.ts'
import { FakeFailoverTable } from '../../fakes/failover-table.ts'
import { FakeLinkState } from '../../fakes/link-state.ts'

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:twinshore-west-east-failover'
const CONTEXT = { awsRequestId: 'id', invokedFunctionArn: ARN, getRemainingTimeInMillis: () => 60_000 }
const INPUT = { mode: 'planned', reason: 'maintenance', who: 'ops' }
const CALL = { step: 'validate', execution: { name: 'one', arn: 'arn:one', startedAt: 7 }, input: INPUT, attempt: 1 }

let ledger: FakeFailoverTable
let seen: StepContext[]
let told: string[]
let questions: Question[]
let asking: Error | undefined

beforeEach(() => {
  ledger = new FakeFailoverTable(new FakeLinkState())
  seen = []
  told = []
  questions = []
  asking = undefined
})

const deps: AskDeps = {
  questions: {
    ask: async (_execution, question) => {
      if (asking !== undefined) throw asking
      questions.push(question)
    },
    question: async (_execution, kind) => questions.findLast((one) => one.kind === kind),
  },
  clock: { now: () => 1_000 },
  asked: ({ kind }, execution) => void told.push(`asked to ${kind} by ${execution}`),
}

const STEPS: Steps<AskDeps> = new Proxy({} as Steps<AskDeps>, {
  get: (_steps, step) =>
    step === 'approve' || step === 'hold'
      ? askOperator(step)
      : async (context: StepContext) => {
          seen.push(context)
          return { outcome: 'done', message: 'done' }
        },
})

const invoke = (event: unknown) =>
  createHandler({
    connect: () => ({ ledger, deps }),
    steps: STEPS,
    tail: 'export',
    tell: (call, { outcome }) => void told.push(`${call.step} ${outcome}`),
  })(event, CONTEXT)

describe('the function of the steps of a failover', () => {
  it('does the step that it is called for, with its input checked and complete', async () => {
    expect(await invoke(CALL)).toEqual({ outcome: 'done', message: 'done' })
    expect(seen[0]).toMatchObject({
      effects: true,
      call: { step: 'validate', attempt: 1 },
      execution: {
        name: 'one',
        arn: 'arn:one',
        startedAt: 7,
        input: { ...INPUT, limits: {}, positions: { kind: 'mapped' }, tail: 'export', force: false },
      },
    })
    expect(told).toEqual(['validate done'])
  })

  it.each<readonly [string, object, string]>([
    ['without a mode', { mode: undefined }, 'input.mode'],
    ['with one that there is none of', { mode: 'quick' }, 'input.mode'],
    ['without a reason', { reason: '' }, 'input.reason'],
    ['of nobody', { who: undefined }, 'input.who'],
    ['with a field that nobody knows', { pretend: true }, 'input.pretend is not known'],
    ['with a limit that nobody knows', { limits: { lag: 1 } }, 'input.limits.lag is not known'],
    ['with a limit below zero', { limits: { lagRecords: -1 } }, 'input.limits.lagRecords'],
    ['with half a record', { limits: { lostRecords: 0.5 } }, 'input.limits.lostRecords'],
    ['with limits that are none', { limits: 'none' }, 'input.limits must be'],
    ['with positions that are none', { positions: { kind: 'newest' } }, 'input.positions'],
    ['with a timestamp without a time', { positions: { kind: 'timestamp' } }, 'input.positions'],
    ['with a time where none belongs', { positions: { kind: 'mapped', at: 1 } }, 'input.positions'],
    ['with a tail that is none', { tail: 'keep' }, 'input.tail'],
    ['forced by a word', { force: 'yes' }, 'input.force'],
  ])('refuses an input %s, and begins nothing', async (_what, change, because) => {
    const answer = await invoke({ ...CALL, input: { ...INPUT, ...change } })
    expect(answer).toMatchObject({ outcome: 'refused', message: expect.stringContaining(because) })
    for (const step of ['rollback', 'report', 'release'])
      expect((await invoke({ ...CALL, step, input: { ...INPUT, ...change } })).outcome).toBe('done')
    expect(seen).toEqual([])
  })

  it('takes everything that may be said', async () => {
    const input = {
      ...INPUT,
      limits: { lagRecords: 0, lagSeconds: 5, lostRecords: 7 },
      positions: { kind: 'timestamp', at: 1_700_000_000_000 },
      tail: 'discard',
      force: true,
      approved: 'abc',
      dryRun: true,
    }
    await invoke({ ...CALL, input })
    expect(seen[0]).toMatchObject({ effects: false, execution: { input } })
  })

  it.each([
    ['nothing', undefined],
    ['a step that there is none of', { ...CALL, step: 'jump' }],
    ['the gate, which it never decides', { ...CALL, step: 'gate' }],
    ['no execution', { ...CALL, execution: undefined }],
    ['an execution without a name', { ...CALL, execution: { ...CALL.execution, name: '' } }],
    ['no attempt', { ...CALL, attempt: 0 }],
  ])('understands no call with %s', async (_what, event) => {
    await expect(invoke(event)).rejects.toThrow('EVENT_MALFORMED')
  })

  it('tells the report who decided, whatever else was answered, also where one answer is no list', async () => {
    const approved = { do: 'approve', by: 'anna', at: 5, hash: 'h' }
    const report = async (decisions: unknown) => {
      seen = []
      await invoke({
        ...CALL,
        execution: { ...CALL.execution, name: `n${JSON.stringify(decisions)}` },
        step: 'report',
        decisions,
      })
      return seen[0]?.call.decisions
    }
    expect(await report([approved, { do: 'end', at: 6 }, { do: 'jump', by: 'x', at: 7 }, null])).toEqual([
      approved,
      { do: 'end', by: 'unknown', at: 6 },
    ])
    expect(await report(approved)).toEqual([approved])
    expect(await report([])).toEqual([])
  })

  it('passes on what some steps are told besides', async () => {
    const stoppedAt = { step: 'drain', message: 'not drained' }
    await invoke({ ...CALL, step: 'report', stoppedAt, ending: 'rolled-back' })
    expect(seen[0]?.call).toEqual({ step: 'report', attempt: 1, stoppedAt, ending: 'rolled-back' })
    await invoke({ ...CALL, stoppedAt: null })
    expect(seen[1]?.call).toEqual({ step: 'validate', attempt: 1 })
  })
})

describe('a question to an operator', () => {
  const HOLD = {
    ...CALL,
    step: 'hold',
    token: 'token-1',
    waitsMs: 60_000,
    stoppedAt: { step: 'verify', message: 'no' },
  }

  it('is written down with its token and told, each time that the state machine waits for an answer', async () => {
    await invoke(HOLD)
    await invoke({ ...HOLD, token: 'token-2' })
    expect(questions.map(({ token }) => token)).toEqual(['token-1', 'token-2'])
    expect(questions[0]).toEqual({
      kind: 'hold',
      token: 'token-1',
      because: 'verify: no',
      askedAt: 1_000,
      expiresAt: 61_000,
    })
    expect(told).toEqual(['asked to hold by one', 'hold again', 'asked to hold by one', 'hold again'])
  })

  it('names what is to be approved', async () => {
    await invoke({ ...CALL, step: 'preflight' }) // refused: nothing is locked
    await ledger.remember('one', { ...RECORD, step: 'preflight' })
    await invoke({ ...CALL, step: 'approve', token: 'token', waitsMs: 5, hash: 'abc' })
    expect(questions).toEqual([{ kind: 'approve', token: 'token', hash: 'abc', askedAt: 1_000, expiresAt: 1_005 }])
  })

  it.each([
    ['it could not be written down', () => (asking = new ReplicationError('STATE_THROTTLED', 'asking')), HOLD],
    ['there is no token', () => undefined, { ...HOLD, token: undefined }],
    ['nothing says for how long is waited', () => undefined, { ...HOLD, waitsMs: undefined }],
    ['the input makes no sense', () => undefined, { ...HOLD, input: {} }],
  ])('fails when %s, since nobody hears an answer', async (_what, prepare, event) => {
    prepare()
    await expect(invoke(event)).rejects.toThrow('asking an operator')
  })
})

const RECORD = {
  step: 'lock',
  attempt: 1,
  outcome: 'done',
  message: '',
  startedAt: 0,
  endedAt: 0,
  calls: 1,
  data: {},
} as const
