import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { FailoverMode } from '../../../../../shared/domain/failover/failover-input.ts'
import type { FailoverOrder } from '../../../../../shared/domain/failover/failover-order.ts'
import type { StepRecord } from '../../../../../shared/domain/failover/failover-step.ts'
import type { StepContext } from '../../../../../shared/usecases/failover/failover-ports.ts'
import { type FencingDeps, fence, prove } from '../../../../../shared/usecases/failover/fence.ts'
import type { FencingAction } from '../../../../../shared/usecases/failover/fence-ports.ts'
import type { FenceReport } from '../../../../../shared/usecases/failover/fence-report.ts'
import { switchStep, writeGate } from '../../../../../shared/usecases/failover/switch-clients.ts'
import { FakeFailoverTable } from '../../../../fakes/failover-table.ts'
import { inTime } from '../../../../support/in-time.ts'

const ARN = 'arn:aws:states:eu-west-1:1:execution:failover:first'
const DONE: FenceReport = { outcome: 'done', message: 'it is done', weaker: [] }
const GONE = new ReplicationError('SOURCE_UNREACHABLE', 'asking west: nobody answers')
const ORDER = { pair: 'pair', from: { cluster: 'west' }, to: { cluster: 'east' }, fences: [{ kind: 'none' }] }

class Steps {
  readonly table = new FakeFailoverTable({ status: { mode: 'forwarding', role: 'standby', epoch: 2 } })
  readonly asked: FencingAction[] = []
  readonly answers = new Map<FencingAction, FenceReport | ReplicationError>()
  readonly context: StepContext

  constructor(mode: FailoverMode) {
    this.table.lock = { holder: { by: ARN, purpose: 'failover', phase: 'acting', since: 0 }, reserved: 3 }
    const data = { epoch: 3, mode: 'forwarding' }
    const times = { startedAt: 0, endedAt: 0, calls: 1, attempt: 1 }
    const lock: StepRecord = { step: 'lock', outcome: 'done', message: '', data, ...times }
    const input = {
      mode,
      reason: '',
      who: '',
      limits: {},
      positions: { kind: 'mapped' },
      tail: 'merge',
      force: false,
    } as const
    this.context = {
      execution: { name: 'first', arn: ARN, startedAt: 1_000, input },
      effects: mode !== 'drill',
      call: { step: 'fence', attempt: 1 },
      before: new Map([['lock', lock]]),
    }
  }

  get deps(): FencingDeps {
    return {
      order: ORDER as unknown as FailoverOrder,
      fencing: {
        ask: async (action, cause) => {
          expect(cause).toEqual({
            pair: 'pair',
            from: 'west',
            to: 'east',
            epoch: 3,
            execution: 'first',
            startedAt: 1_000,
          })
          this.asked.push(action)
          const answer = this.answers.get(action) ?? DONE
          if (answer instanceof ReplicationError) throw answer
          return answer
        },
      },
      forward: { pending: this.table },
      clock: Date,
    }
  }

  run(step: typeof fence) {
    return step(this.context, inTime(), this.deps)
  }
}

describe('the steps that fence and switch', () => {
  it.each([
    ['fence', fence, 'fence'],
    ['prove', prove, 'prove'],
    ['switch', switchStep, 'switch'],
  ] as const)('%s asks for it, and tells what the proof does not show', async (_step, step, action) => {
    const steps = new Steps('planned')
    steps.answers.set(action, { ...DONE, weaker: ['nobody has tried'] })
    const result = await steps.run(step)
    expect(result).toMatchObject({ outcome: 'done', facts: { weaker: ['nobody has tried'] } })
    expect(steps.asked).toEqual([action])
    expect(steps.table.debts).toBeUndefined()
  })

  it.each([fence, prove, switchStep])('change nothing in a drill', async (step) => {
    const steps = new Steps('drill')
    expect(await steps.run(step)).toMatchObject({ outcome: 'done', message: expect.stringContaining('would') })
    expect(steps.asked).toEqual([])
  })

  it.each(['planned', 'failback'] as const)('do not go on without the old cluster in a %s failover', async (mode) => {
    for (const step of [fence, prove] as const) {
      const steps = new Steps(mode)
      steps.answers.set('fence', GONE).set('prove', GONE)
      await expect(steps.run(step)).rejects.toBe(GONE)
      expect(steps.table.debts).toBeUndefined()
    }
  })

  it('leave the fence for the first contact in an unplanned one', async () => {
    const steps = new Steps('unplanned')
    steps.answers.set('fence', GONE)
    expect(await steps.run(fence)).toMatchObject({ outcome: 'done', facts: { pending: true } })
    expect(steps.table.debts).toMatchObject({ execution: 'first', epoch: 3, tail: 'merge', owed: ['fence'] })
    expect(await steps.run(prove)).toMatchObject({ outcome: 'done', facts: { pending: true } })
    expect(steps.asked).toEqual(['fence'])
  })

  it('owe the fence too when the cluster is gone by the time of the proof', async () => {
    const steps = new Steps('unplanned')
    steps.answers.set('prove', GONE)
    await steps.run(fence)
    expect(await steps.run(prove)).toMatchObject({ outcome: 'done', facts: { pending: true } })
    expect(steps.table.debts?.owed).toEqual(['fence'])
  })

  it('owe nothing because of what is wrong elsewhere', async () => {
    const steps = new Steps('unplanned')
    const denied = new ReplicationError('ACCESS_DENIED', 'making ACLs')
    steps.answers.set('fence', denied)
    await expect(steps.run(fence)).rejects.toBe(denied)
  })

  it('cannot owe anything without the lock, or while somebody else does', async () => {
    const steps = new Steps('unplanned')
    steps.answers.set('fence', GONE)
    steps.table.lock = { reserved: 3 }
    expect(await steps.run(fence)).toMatchObject({ outcome: 'refused' })
    const others = new Steps('unplanned')
    others.answers.set('fence', GONE)
    others.table.debts = { execution: 'before', epoch: 2, tail: 'export', since: 0, owed: ['tail'] }
    expect(await others.run(fence)).toMatchObject({ outcome: 'refused' })
  })

  it('owe a look at the tail after an unplanned failover, and what clients there could not be told', async () => {
    const steps = new Steps('unplanned')
    steps.answers.set('switch', { ...DONE, unheard: ['active in us-east-2'] })
    expect(await steps.run(switchStep)).toMatchObject({ message: expect.stringContaining('active in us-east-2') })
    expect(steps.table.debts?.owed).toEqual(['clients', 'tail'])
  })
})

describe('the gate for writes', () => {
  it('opens the new active cluster, and grants what was held back', async () => {
    const steps = new Steps('planned')
    const gate = writeGate(steps.deps, async () => 'granted')
    expect(await gate.open('to', steps.context, inTime())).toEqual({ outcome: 'done', message: 'it is done; granted' })
    expect(await gate.open('from', steps.context, inTime())).toEqual({ outcome: 'done', message: 'it is done' })
    expect(steps.asked).toEqual(['open', 'lift'])
  })

  it.each([
    ['planned', 'apply'],
    ['failback', 'apply'],
    ['unplanned', 'grant'],
  ] as const)('asks the source of a %s failover for its rights, or does not: %s', async (mode, expected) => {
    const { deps, context } = new Steps(mode)
    const modes: string[] = []
    const gate = writeGate(deps, async (asked) => {
      modes.push(asked)
      return 'granted'
    })
    await gate.open('to', context, inTime())
    expect(modes).toEqual([expected])
  })

  it('grants nothing before the fence is lifted', async () => {
    const steps = new Steps('planned')
    steps.answers.set('open', { ...DONE, outcome: 'again' })
    const gate = writeGate(steps.deps, () => Promise.reject(new Error('granted too soon')))
    expect(await gate.open('to', steps.context, inTime())).toMatchObject({ outcome: 'again' })
  })

  const granting = async (mode: FailoverMode, calls: number, error: Error) => {
    const { deps, context } = new Steps(mode)
    const promote: StepRecord = {
      ...{ step: 'promote', outcome: 'again', message: '', data: {} },
      ...{ startedAt: 0, endedAt: 0, calls, attempt: 1 },
    }
    const gate = writeGate(deps, () => Promise.reject(error))
    return await gate.open('to', { ...context, before: new Map([...context.before, ['promote', promote]]) }, inTime())
  }

  it('does not hold up an unplanned failover for rights that nobody tells of, having asked again', async () => {
    const { outcome, message } = await granting('unplanned', 3, GONE)
    expect(outcome).toBe('done')
    expect(message).toContain('is not known')
  })

  it.each([
    ['at once', 'unplanned', 2, GONE],
    ['in a planned one', 'planned', 9, GONE],
    ['for good', 'unplanned', 9, new ReplicationError('CONFIG_INVALID', 'there is no such function')],
  ] as const)('says that rights could not be granted: %s', async (_when, mode, calls, error) => {
    await expect(granting(mode, calls, error)).rejects.toBe(error)
  })
})
