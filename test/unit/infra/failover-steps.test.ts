import { describe, expect, it } from 'vitest'
import { failoverStates } from '../../../infra/constructs/failover-states.ts'
import { BROKEN_MACHINES } from '../../support/broken-machines.ts'
import { type Death, FailoverStepsRun, type StepsPlan } from '../../support/failover-steps-run.ts'
import { outcomeOf } from '../../support/failover-verdict.ts'

const machine = failoverStates({ functionName: 'steps', tableName: 'table', approvalSeconds: 60 })

/** Roles, who may write where, and who has a lock. */
const standOf = ({ world }: FailoverStepsRun) => ({
  forward: world.status('west-east'),
  back: world.status('east-west'),
  west: world.isWritable('west'),
  east: world.isWritable('east'),
  locks: (['west-east', 'east-west'] as const).flatMap((way) => world.links[way].table.lock.holder ?? []),
})

const FREE: readonly object[] = []
const PROMOTED = { mode: 'stopped', role: 'active', epoch: 1 }
const STANDS: Readonly<Record<string, object>> = {
  // ended by an operator with the promotion written: it stays, whatever comes after it
  held: expect.objectContaining({ forward: PROMOTED, west: false, locks: FREE }),
  done: {
    ...{ forward: PROMOTED, back: { mode: 'forwarding', role: 'standby', epoch: 1 } },
    ...{ west: false, east: true, locks: FREE },
  },
  'rolled-back': {
    ...{
      forward: { mode: 'forwarding', role: 'standby', epoch: 0 },
      back: { mode: 'stopped', role: 'active', epoch: 0 },
    },
    ...{ west: true, east: false, locks: FREE },
  },
}

const wrong = async (plan: StepsPlan, redrives = false): Promise<readonly unknown[]> => {
  const run = new FailoverStepsRun(machine, plan)
  const first = await run.run()
  const ending = redrives && first.status === 'ABORTED' ? await run.redrive() : first
  const outcome = outcomeOf(ending)
  const expected = STANDS[outcome]
  return [
    ...(expected === undefined ? [outcome] : []),
    ...(expected === undefined || isLike(standOf(run), expected) ? [] : [outcome, standOf(run)]),
    ...run.bothWritable,
  ]
}

const isLike = (one: object, other: object): boolean => {
  try {
    expect(one).toEqual(other)
    return true
  } catch {
    return false
  }
}

const wrongIn = async (plans: readonly (readonly [string, StepsPlan])[], redrives = false) => {
  const found: Record<string, readonly unknown[]> = {}
  for (const [name, plan] of plans) {
    const one = await wrong(plan, redrives)
    if (one.length > 0) found[name] = one
  }
  return found
}

const undisturbed = new FailoverStepsRun(machine)
const ended = outcomeOf(await undisturbed.run())
const calls = Array.from({ length: undisturbed.portCalls }, (_, at) => at + 1)

const deaths = (error: Death['error'], says?: StepsPlan['says']): readonly (readonly [string, StepsPlan])[] =>
  calls.flatMap((at) =>
    (['before', 'after'] as const).map(
      (when) => [`${error} ${when} call ${at}`, { death: { at, when, error }, ...(says && { says }) }] as const,
    ),
  )

describe('the machine with the steps that it calls', () => {
  it('fails over', () => {
    expect([ended, undisturbed.execution.variables['stoppedAt']]).toEqual(['done', null])
    expect(standOf(undisturbed)).toEqual(STANDS['done'])
    expect(calls.length).toBeGreaterThan(60)
  })

  it(`ends as it says, whichever of ${calls.length} calls its function dies at, and never can both sides be written to`, async () => {
    expect(await wrongIn(deaths('Runtime.ExitError'))).toEqual({})
  }, 120_000)

  it('does so when the operator who is asked would rather undo it, or ends it', async () => {
    expect(await wrongIn(deaths('Runtime.ExitError', 'rollback'))).toEqual({})
    expect(await wrongIn(deaths('Runtime.ExitError', 'end'))).toEqual({})
  }, 120_000)

  it('does so when AWS calls the step again by itself', async () => {
    expect(await wrongIn(deaths('Lambda.SdkClientException'))).toEqual({})
  }, 120_000)

  it('does so where somebody approves, when it dies and when it is stopped at any moment and taken up again', async () => {
    const asking = new FailoverStepsRun(machine, { needsApproval: true })
    expect(outcomeOf(await asking.run())).toBe('done')
    expect(asking.execution.visited).toContain('Approved')
    const some = Array.from({ length: asking.portCalls }, (_, at) => at + 1).slice(0, 40)
    const dying = some.map((at) => {
      const death: Death = { at, when: 'after', error: 'Runtime.ExitError' }
      return [`call ${at}`, { death, needsApproval: true }] as const
    })
    expect(await wrongIn(dying)).toEqual({})
    const stopped = Array.from({ length: asking.execution.visited.length * 2 }, (_, at) => {
      const stops = ({ index }: { index: number }) => index === at
      return [`stopped at ${at}`, { stops, needsApproval: true }] as const
    })
    expect(await wrongIn(stopped, true)).toEqual({})
  }, 120_000)

  it.each(['an approval that nobody writes down', 'an approval of anything', 'a gate that is open'])(
    'changes nothing by a machine that has %s',
    async (mistake) => {
      const broken = BROKEN_MACHINES[mistake]?.(machine)
      if (broken === undefined) throw new Error(`nobody makes the mistake ${mistake}`)
      const run = new FailoverStepsRun(broken, { needsApproval: true, approves: 'something else' })
      expect(outcomeOf(await run.run())).toBe('rolled-back')
      expect(standOf(run)).toEqual(STANDS['rolled-back'])
    },
  )

  it('does so when it is stopped at any moment, and taken up again', async () => {
    const moments = Array.from({ length: undisturbed.execution.visited.length * 2 }, (_, at) => at)
    const plans = moments.map(
      (at) => [`stopped at ${at}`, { stops: ({ index }: { index: number }) => index === at }] as const,
    )
    expect(await wrongIn(plans, true)).toEqual({})
  }, 120_000)
})
