import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { FailoverInput } from '../../../../../shared/domain/failover/failover-input.ts'
import { type AnyStep, type StepRecord, wasBegun } from '../../../../../shared/domain/failover/failover-step.ts'
import type { StepContext, StepResult } from '../../../../../shared/usecases/failover/failover-ports.ts'
import { runStep, type Steps } from '../../../../../shared/usecases/failover/run-step.ts'
import { FakeFailoverTable } from '../../../../fakes/failover-table.ts'
import { FakeLinkState } from '../../../../fakes/link-state.ts'
import { storyPreflight } from '../../../../support/failover-story.ts'
import { inputOf } from '../../../../support/failover-world.ts'
import { inTime } from '../../../../support/in-time.ts'

type Perform = (context: StepContext) => Promise<StepResult>

let ledger: FakeFailoverTable
let now: number

beforeEach(() => {
  ledger = new FakeFailoverTable(new FakeLinkState())
  now = 100
})

const EXECUTION = { name: 'one', arn: 'arn', startedAt: 0, input: inputOf() }

/** Every step is `perform`. */
const run = (
  perform: Perform,
  { step = 'validate' as Exclude<AnyStep, 'gate'>, attempt = 1, execution = EXECUTION } = {},
) => {
  const steps: Steps<undefined> = new Proxy({} as Steps<undefined>, { get: () => perform })
  return runStep({ step, attempt }, execution, inTime(), { ledger, clock: { now: () => now }, steps, deps: undefined })
}

const remember = async (step: AnyStep, more: Partial<StepRecord>): Promise<void> => {
  const record = {
    step,
    attempt: 1,
    outcome: 'done',
    message: '',
    startedAt: 0,
    endedAt: 0,
    calls: 1,
    data: {},
  } as const
  await ledger.remember('one', { ...record, ...more })
}

const stored = async (name = 'validate') => (await ledger.steps('one')).get(name)

describe('a step', () => {
  it('that is done is not done again, and answers as it did', async () => {
    const done = { outcome: 'done' as const, message: 'did it', data: { passed: true }, facts: { secret: 1 } }
    const answer = { outcome: 'done', message: 'did it', data: { passed: true } }
    expect(await run(async () => done)).toEqual(answer)
    expect(await run(async () => Promise.reject(new Error('must not be called')))).toEqual(answer)
    expect(await stored()).toMatchObject({ outcome: 'done', data: { secret: 1 }, answered: { passed: true }, calls: 1 })
  })

  it('that is not done yet is called again with what it remembered, and keeps when it began', async () => {
    await run(async () => ({ outcome: 'again', message: 'not yet', facts: { since: 7 } }))
    now = 200
    const seen: unknown[] = []
    await run(async ({ before }) => {
      seen.push(before.get('validate')?.data)
      return { outcome: 'again', message: 'not yet' }
    })
    now = 300
    await run(async () => ({ outcome: 'done', message: 'at last' }))
    expect(seen).toEqual([{ since: 7 }])
    expect(await stored()).toMatchObject({
      outcome: 'done',
      data: { since: 7 },
      calls: 3,
      startedAt: 100,
      endedAt: 300,
    })
  })

  it('that meets what may pass is to be called again', async () => {
    const answer = await run(() => Promise.reject(new ReplicationError('SOURCE_UNREACHABLE', 'asking west')))
    expect(answer.outcome).toBe('again')
    expect(await stored()).toMatchObject({ outcome: 'again', message: expect.stringContaining('SOURCE_UNREACHABLE') })
  })

  it('that meets what will not pass is refused, and remembered as failed', async () => {
    const answer = await run(() => Promise.reject(new ReplicationError('CONFIG_INVALID', 'reading the order')))
    expect(answer.outcome).toBe('refused')
    expect((await stored())?.outcome).toBe('failed')
    expect((await run(async () => ({ outcome: 'done', message: 'mended' }))).outcome).toBe('done')
  })

  it('lets what nobody foresaw pass, and remembers nothing of it', async () => {
    await expect(run(() => Promise.reject(new TypeError('a fault of ours')))).rejects.toThrow(TypeError)
    expect(await stored()).toBeUndefined()
  })

  it('answers when its ledger does not', async () => {
    ledger.steps = () => Promise.reject(new ReplicationError('STATE_THROTTLED', 'reading the steps'))
    expect((await run(async () => ({ outcome: 'done', message: 'did it' }))).outcome).toBe('again')
  })

  it('answers what was remembered first when it ran beside itself', async () => {
    const first = { outcome: 'done' as const, message: 'first', data: { hash: 'first' } }
    const answer = await run(async () => {
      await run(async () => first)
      return { ...first, message: 'second', data: { hash: 'second' } }
    })
    expect(answer).toEqual(first)
  })

  it('is refused where the steps before it are not done, without being called', async () => {
    const answer = await run(() => Promise.reject(new Error('must not be called')), { step: 'promote' })
    expect(answer).toMatchObject({ outcome: 'refused', message: expect.stringContaining('boundary') })
  })

  it('is another one when it is attempted again', async () => {
    await run(async () => ({ outcome: 'done', message: 'did it' }))
    expect((await run(async () => ({ outcome: 'done', message: 'once more' }), { attempt: 2 })).message).toBe(
      'once more',
    )
    expect(await stored('validate#2')).toMatchObject({ attempt: 2, message: 'once more' })
  })

  it.each([
    ['planned', true],
    ['unplanned', true],
    ['failback', true],
    ['drill', false],
  ] as const)('of a failover that is %s has effects: %s', async (mode, expected) => {
    const execution = { ...EXECUTION, input: inputOf({ mode }) }
    const seen: boolean[] = []
    await run(
      async ({ effects }) => {
        seen.push(effects)
        return { outcome: 'done', message: '' }
      },
      { execution },
    )
    expect(seen).toEqual([expected])
  })

  describe.each(['fence', 'groups', 'stop', 'promote'] as const)('that is %s', (step) => {
    const REPORT = { ...storyPreflight, ...inputOf() }
    const ANSWERED = { hash: 'h', passed: true, needsApproval: false }

    /** Everything before it is done. */
    const prepare = async (report: unknown) => {
      const before = ['validate', 'lock', 'preflight', 'fence', 'prove', 'drain', 'groups', 'stop', 'boundary'] as const
      for (const one of before)
        if (one !== step) await remember(one, one === 'preflight' ? { answered: ANSWERED, data: { report } } : {})
    }
    const asked = async (change: Partial<FailoverInput> = {}) => {
      const { outcome, message } = await run(async () => ({ outcome: 'again', message: 'was called' }), {
        step,
        execution: { ...EXECUTION, input: inputOf(change) },
      })
      return [outcome, message.split('be done now: ').at(-1)]
    }

    it('is not done by another input than was looked at', async () => {
      await prepare(REPORT)
      const other = ['refused', 'the preflight was made for another input']
      expect(await asked({ mode: 'unplanned' })).toEqual(other)
      expect(await asked({ force: true })).toEqual(other)
      expect(await asked({ positions: { kind: 'latest' } })).toEqual(other)
      expect(await asked({ tail: 'discard' })).toEqual(other)
      expect(await asked({ reason: 'a better one' })).toEqual(['again', 'was called'])
    })

    it.each([
      ['none', undefined],
      ['a text', 'a report'],
      ['nothing', null],
      ['one without its positions', { ...REPORT, positions: undefined }],
      ['one with other positions', { ...REPORT, positions: 'mapped' }],
      ['one without its mode', { ...REPORT, mode: undefined }],
      ['one without its force', { ...REPORT, force: undefined }],
      ['one without its tail', { ...REPORT, tail: undefined }],
    ])('is not done when nobody can read what the preflight found: %s', async (_what, report) => {
      await prepare(report)
      expect(await asked()).toEqual(['refused', expect.stringContaining('start the failover again')])
    })

    it('is written down before it is begun, and keeps what it left when it dies or fails', async () => {
      await prepare(REPORT)
      const dying = run(
        async () => {
          expect(await stored(step)).toMatchObject({ outcome: 'again', calls: 0, data: {} })
          await remember(step, { outcome: 'again', data: { left: 7 } })
          throw new Error('killed')
        },
        { step },
      )
      await expect(dying).rejects.toThrow('killed')
      await run(() => Promise.reject(new ReplicationError('STATE_THROTTLED', 'injected')), { step })
      expect(await stored(step)).toMatchObject({ outcome: 'again', calls: 2, data: { left: 7 } })
    })

    it('is not begun by a refusal before it is called, but once it is called, whatever refuses it later', async () => {
      const seen: unknown[] = []
      const look = async () => {
        const record = await stored(step)
        seen.push([record?.outcome, record?.calls, wasBegun(record)])
      }
      const preflight = async (attempt: number, report: unknown) => {
        await remember('preflight', { attempt, answered: ANSWERED, data: { report } })
      }
      await prepare('a text')
      for (const _ of [1, 2]) await asked().then(look)
      await preflight(2, REPORT)
      await expect(run(() => Promise.reject(new Error('killed')), { step })).rejects.toThrow('killed')
      await look()
      await preflight(3, 'a text')
      for (const _ of [1, 2]) await asked().then(look)
      const never = ['refused', 0, false]
      expect(seen).toEqual([never, never, ['again', 0, true], ['refused', 1, true], ['refused', 2, true]])
    })

    it('is begun where it refuses by itself', async () => {
      await prepare(REPORT)
      await run(async () => ({ outcome: 'refused', message: 'not here' }), { step })
      expect(wasBegun(await stored(step))).toBe(true)
    })

    it('is not begun when that cannot be written down', async () => {
      await prepare(REPORT)
      ledger.remember = () => Promise.reject(new ReplicationError('STATE_DENIED', 'injected'))
      const answer = await run(() => Promise.reject(new Error('must not be called')), { step })
      expect(answer).toMatchObject({ outcome: 'again', message: expect.stringContaining('STATE_DENIED') })
    })

    it('leaves nothing in the ledger while a drill does it', async () => {
      await prepare({ ...REPORT, mode: 'drill' })
      const seen: unknown[] = []
      const execution = { ...EXECUTION, input: inputOf({ mode: 'drill' }) }
      await run(
        async () => {
          seen.push(await stored(step))
          return { outcome: 'done', message: '' }
        },
        { step, execution },
      )
      expect(seen).toEqual([undefined])
    })
  })
})
