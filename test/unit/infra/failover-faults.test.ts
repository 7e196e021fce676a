import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failoverStates } from '../../../infra/constructs/failover-states.ts'
import { HOLD_ANSWERS } from '../../../shared/domain/failover/step-call.ts'
import type { TokenReply } from '../../support/asl-interpreter.ts'
import { PairModel } from '../../support/failover-model.ts'
import { FailoverRun, type Fault } from '../../support/failover-run.ts'
import { CALLED, FAULTS } from '../../support/failover-sweep.ts'
import { complaints, outcomeOf } from '../../support/failover-verdict.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const machine = failoverStates({ functionName: 'steps', tableName: 'table', approvalSeconds: 3_600 })

const anyFault = (): fc.Arbitrary<Fault> => fc.constantFrom(...Object.values(FAULTS))

/** What goes wrong at the calls of an execution, by their number. */
const faultsAt = (): fc.Arbitrary<ReadonlyMap<number, Fault>> =>
  fc.array(fc.tuple(fc.nat({ max: 60 }), anyFault()), { maxLength: 8 }).map((faults) => new Map<number, Fault>(faults))

const anyPair = () =>
  fc.record({
    leaky: fc.boolean(),
    needsApproval: fc.boolean(),
    restless: fc.boolean(),
    slow: fc.dictionary(fc.constantFrom(...CALLED), fc.integer({ min: 0, max: 3 })),
  })

const anyAnswer = (): fc.Arbitrary<TokenReply | undefined> =>
  fc.oneof(
    fc.constant(undefined),
    fc.tuple(fc.constantFrom(...HOLD_ANSWERS, 'what?'), fc.nat({ max: 7_200_000 })).map(([answer, tookMs]) => ({
      tookMs,
      result: { do: answer, by: 'somebody' },
    })),
  )

const ENDS: TokenReply = { tookMs: 0, result: { do: 'end', by: 'somebody' } }

interface Happening {
  readonly choices: ConstructorParameters<typeof PairModel>[0]
  readonly mode: 'planned' | 'drill'
  readonly faults: ReadonlyMap<number, Fault>
  /** At which moments somebody stops the execution; it is taken up again each time. */
  readonly stops: readonly number[]
  readonly answers: readonly (TokenReply | undefined)[]
}

const anyHappening = (): fc.Arbitrary<Happening> =>
  fc.record({
    choices: anyPair(),
    mode: fc.constantFrom('planned' as const, 'drill' as const),
    faults: faultsAt(),
    stops: fc.array(fc.nat({ max: 150 }), { maxLength: 4 }),
    answers: fc.array(anyAnswer(), { maxLength: 4 }),
  })

const play = async ({ choices, mode, faults, stops, answers }: Happening) => {
  const [pair, clock] = [new PairModel(choices), new VirtualClock()]
  const run = new FailoverRun(machine, pair, clock, {
    ...{ name: 'one', mode },
    faults: (_step, index) => faults.get(index),
    stops: ({ index }) => stops.includes(index),
    operator: (asked) => (asked < answers.length ? answers[asked] : ENDS),
  })
  let ending = await run.run()
  for (let redrives = 0; ending.status === 'ABORTED' && redrives <= stops.length; redrives++) {
    clock.pass(60_000)
    ending = await run.redrive()
  }
  return { pair, ending, visited: run.execution.visited }
}

describe('whatever goes wrong, however often, and whoever stops it', () => {
  it('ends done, drilled, rolled back or held; the lock is given back, and never are two sides writable', async () => {
    await fc.assert(
      fc.asyncProperty(anyHappening(), async (happening) => {
        const { pair, ending, visited } = await play(happening)
        expect({ wrong: complaints(ending, pair), visited }).toEqual({ wrong: [], visited })
      }),
      { numRuns: 300 },
    )
  }, 120_000)

  it('comes to each of these ends', async () => {
    const ends = new Set<string>()
    for (const happening of fc.sample(anyHappening(), { numRuns: 150, seed: 7 }))
      ends.add(outcomeOf((await play(happening)).ending))
    expect([...ends].toSorted()).toEqual(['done', 'drilled', 'held', 'rolled-back'])
  }, 60_000)
})
