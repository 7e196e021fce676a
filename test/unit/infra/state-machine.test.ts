import { describe, expect, it } from 'vitest'
import { stepCallOf } from '../../../functions/failover/step-event.ts'
import {
  CALL_TIMEOUT_SECONDS,
  EXECUTION_SECONDS,
  HOLD_SECONDS,
  PATIENCE_SECONDS,
  STARTED_WITHIN_MS,
  STEP_TIMEOUT_SECONDS,
} from '../../../infra/constructs/failover-patience.ts'
import { failoverStates } from '../../../infra/constructs/failover-states.ts'
import type { State } from '../../../infra/constructs/state-language.ts'
import { CLOSING_STEPS, FAILOVER_STEPS } from '../../../shared/domain/failover/failover-step.ts'
import { queryIn, variablesOf } from '../../support/asl-queries.ts'
import { PairModel } from '../../support/failover-model.ts'
import { FailoverRun } from '../../support/failover-run.ts'
import { outcomeOf } from '../../support/failover-verdict.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const machine = failoverStates({ functionName: 'steps', tableName: 'table', approvalSeconds: 3_600 })
const states = Object.entries(machine.States)
const tasks = states.flatMap(([name, state]) =>
  state.Type === 'Task' && state.Resource.includes(':lambda:') ? [{ name, ...state }] : [],
)

const waysOf = (state: State): readonly string[] => {
  if (state.Type === 'Choice') return [...state.Choices.map(({ Next }) => Next), state.Default]
  const catches = state.Type === 'Task' ? state.Catch.map(({ Next }) => Next) : []
  return 'Next' in state ? [state.Next, ...catches] : catches
}

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

describe('the definition of the machine', () => {
  it('leads to states that there are, and to all of them', () => {
    const reached = new Set([machine.StartAt])
    for (const name of reached) for (const next of waysOf(machine.States[name] as State)) reached.add(next)
    expect([...reached].toSorted()).toEqual(states.map(([name]) => name).toSorted())
  })

  it('calls every step but the gate, which it decides by itself', () => {
    const called = tasks.map(({ Arguments }) => (Arguments['Payload'] as { step: string }).step)
    const all = [...FAILOVER_STEPS, ...CLOSING_STEPS].filter((step) => step !== 'gate')
    // one of them asks, and the other one writes down what was answered
    expect(called.toSorted()).toEqual([...all, 'approve'].toSorted())
  })

  it('gives every task a time, retries only what AWS calls passing, and catches everything', () => {
    for (const { Retry, Catch, TimeoutSeconds } of tasks) {
      expect(TimeoutSeconds).toBeGreaterThan(STEP_TIMEOUT_SECONDS)
      expect(Retry.flatMap(({ ErrorEquals }) => ErrorEquals)).toEqual([
        'Lambda.ServiceException',
        'Lambda.AWSLambdaException',
        'Lambda.SdkClientException',
        'Lambda.TooManyRequestsException',
      ])
      expect(Retry.every(({ MaxAttempts }) => MaxAttempts < 10)).toBe(true)
      expect(Catch.at(-1)?.ErrorEquals).toEqual(['States.ALL'])
    }
  })

  it('reads no variable that has no value from the beginning on', () => {
    const begin = machine.States['Begin']
    const known = Object.keys((begin?.Type === 'Pass' && begin.Assign) || {})
    const queries = textsIn(machine).flatMap((text) => queryIn(text) ?? [])
    expect(queries.length).toBeGreaterThan(50)
    const read = new Set(queries.flatMap((query) => [...variablesOf(query)]))
    expect([...read].filter((name) => !known.includes(name))).toEqual(['states'])
  })

  it('has time for all of its patience, a hold among it, in one execution', () => {
    const steps = Object.values(PATIENCE_SECONDS).reduce((sum, seconds) => sum + seconds + CALL_TIMEOUT_SECONDS, 0)
    expect(STARTED_WITHIN_MS / 1_000 + steps + HOLD_SECONDS).toBeLessThan(EXECUTION_SECONDS)
  })

  it('has events for all of its patience', async () => {
    const slow = Object.fromEntries(
      Object.entries(PATIENCE_SECONDS).map(([step, seconds]) => [step, 25 + seconds / 16]),
    )
    const run = new FailoverRun(machine, new PairModel({ slow }), new VirtualClock(), { name: 'slow' })
    expect(outcomeOf(await run.run())).toBe('done')
  })
})

describe('an execution', () => {
  it('changes nothing any more when it was started half a day ago', async () => {
    const pair = new PairModel({ needsApproval: true, restless: true })
    const slow = failoverStates({ functionName: 'steps', tableName: 'table', approvalSeconds: 43_200 })
    const approves = (_: number, hash: string) => ({ tookMs: 42_000_000, result: { hash } })
    const run = new FailoverRun(slow, pair, new VirtualClock(), { name: 'late', approves })
    expect([outcomeOf(await run.run()), pair.changes]).toEqual(['rolled-back', 0])
    expect(run.calls.filter(({ step, token }) => step === 'approve' && token !== undefined)).toHaveLength(2)
    expect(run.calls.at(-1)?.stoppedAt).toEqual({
      step: 'gate',
      message: 'this was asked for too long ago; start it again',
    })
  })

  it('tells each step who it is, what was asked, and what stopped it', async () => {
    const run = new FailoverRun(machine, new PairModel({ leaky: true }), new VirtualClock(), { name: 'one' })
    await run.run()
    expect(run.calls[0]).toMatchObject({
      execution: {
        name: 'one',
        arn: expect.stringMatching(/:execution:machine:one$/),
        startedAt: Date.parse('2030-01-01'),
      },
      ...{ step: 'validate', attempt: 1, input: { mode: 'planned' } },
    })
    expect(run.calls.at(-1)).toMatchObject({
      ...{ step: 'release', ending: 'rolled-back' },
      stoppedAt: { step: 'prove', message: 'refused: a write came through' },
    })
  })

  it('asks with a token for what was found, and once more when that has changed', async () => {
    const pair = new PairModel({ needsApproval: true, restless: true })
    const approves = (asked: number, hash: string) => ({ tookMs: asked === 0 ? 600_000 : 1_000, result: { hash } })
    const run = new FailoverRun(machine, pair, new VirtualClock(), { name: 'one', approves })
    expect(outcomeOf(await run.run())).toBe('done')
    const asked = run.calls.filter(({ step, token }) => step === 'approve' && token !== undefined)
    expect(asked.map(({ attempt, hash, waitsMs }) => [attempt, hash, waitsMs])).toEqual([
      [1, 'hash-1', 3_600_000],
      [2, 'hash-2', 3_600_000],
    ])
    expect(new Set(asked.map(({ token }) => token)).size).toBe(2)
    const noted = run.calls.filter(({ step, approved }) => step === 'approve' && approved !== undefined)
    expect(noted.map(({ attempt, approved }) => [attempt, approved])).toEqual([
      [2, { hash: 'hash-2', by: expect.any(String) }],
    ])
  })

  it('tells the report who decided what, and when', async () => {
    const pair = new PairModel({ needsApproval: true })
    const faults = (step: string) =>
      step === 'verify' ? ({ kind: 'answers', payload: { outcome: 'refused', message: 'no' } } as const) : undefined
    const run = new FailoverRun(machine, pair, new VirtualClock(), { name: 'one', faults })
    expect(outcomeOf(await run.run())).toBe('held')
    const report = run.calls.find(({ step }) => step === 'report')
    expect(stepCallOf(JSON.parse(JSON.stringify(report))).decisions).toEqual([
      { do: 'approve', by: 'somebody', at: expect.any(Number), hash: expect.stringMatching(/^hash-/) },
      { do: 'end', by: 'somebody', at: expect.any(Number) },
    ])
  })

  it.each([true, false])('ends a dry run after its preflight, whether that says yes (%s)', async (passes) => {
    const pair = new PairModel({ needsApproval: true, passes })
    const run = new FailoverRun(machine, pair, new VirtualClock(), { name: 'one', dryRun: true })
    expect([outcomeOf(await run.run()), pair.changes, pair.drills]).toEqual(['rolled-back', 0, 0])
    const steps = ['validate', 'lock', 'preflight', 'rollback', 'report', 'release']
    expect([...new Set(run.calls.map(({ step }) => step))]).toEqual(steps)
  })

  it('begins a step with its whole patience anew when it is taken up again days later', async () => {
    const pair = new PairModel({ slow: { stop: 3 } })
    const clock = new VirtualClock()
    const stops = ({ state, phase }: { state: string; phase: string }) =>
      state === 'Stop' &&
      phase === 'answered' &&
      pair.forward.mode === 'stopped' &&
      clock.now() < Date.parse('2030-01-02')
    const run = new FailoverRun(machine, pair, clock, { name: 'one', stops })
    expect((await run.run()).status).toBe('ABORTED')
    clock.pass(3 * 86_400_000)
    expect(outcomeOf(await run.redrive())).toBe('done')
  })
})
