import { type InvokeCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda'
import { describe, expect, it } from 'vitest'
import { taskOf } from '../../../../../functions/fence/fence-task.ts'
import { fenceFunction } from '../../../../../shared/adapters/lambda/fence-function.ts'
import { eitherFunction, userFunction } from '../../../../../shared/adapters/lambda/user-function.ts'
import { inTime } from '../../../../support/in-time.ts'

const CAUSE = { pair: 'pair', from: 'west', to: 'east', epoch: 1, execution: 'first', startedAt: 1_000 }
const REQUEST = { action: 'fence', pair: 'pair', from: 'west', to: 'east', epoch: 1, execution: 'first' } as const

/** A Lambda that answers so, and remembers what it was asked. */
const answering = (answer: unknown, failure?: string) => {
  const events: unknown[] = []
  const create = (_ms: number): LambdaClient => {
    const client = new LambdaClient({ region: 'eu-west-1' })
    client.send = (async ({ input }: InvokeCommand) => {
      events.push(JSON.parse(String(input.Payload)))
      return { Payload: Buffer.from(JSON.stringify(answer)), ...(failure && { FunctionError: failure }) }
    }) as never
    return client
  }
  return { events, create }
}

describe('the function of the fence', () => {
  const place = { region: 'eu-west-1', name: 'fence', stack: 'failover' }

  it('is asked as it understands, and answers what it found', async () => {
    const report = { outcome: 'again', message: 'not yet', weaker: ['one'], unheard: ['there'] }
    const { events, create } = answering(report)
    expect(await fenceFunction(place, create).ask('prove', CAUSE, inTime(30_000))).toEqual(report)
    expect(events.map(taskOf)).toEqual([{ action: 'prove', cause: CAUSE, withinMs: expect.any(Number) }])
    const [{ withinMs }] = events as [{ withinMs: number }]
    expect(withinMs).toBeGreaterThan(25_000)
    expect(withinMs).toBeLessThan(30_000)
  })

  it.each([
    [null],
    [{ outcome: 'perhaps', message: '', weaker: [] }],
    [{ outcome: 'done', message: 'fine' }],
    [{ outcome: 'done', message: 'fine', weaker: [1] }],
  ])('is not believed when it answers %j', async (answer) => {
    const { create } = answering(answer)
    const asked = fenceFunction(place, create).ask('fence', CAUSE, inTime())
    await expect(asked).rejects.toMatchObject({ code: 'FUNCTION_FAILED' })
  })

  it('tells whom it could not reach', async () => {
    const { create } = answering({ errorMessage: 'SOURCE_UNREACHABLE: asking west' }, 'Unhandled')
    const asked = fenceFunction(place, create).ask('fence', CAUSE, inTime())
    await expect(asked).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })
})

describe('the event of the fence', () => {
  it('is the schedule without an action', () => {
    for (const event of [undefined, {}, { source: 'aws.scheduler' }])
      expect(taskOf(event)).toEqual({ action: 'settle' })
  })

  it.each([
    [{ action: 'unfence' }],
    [{ action: 'fence' }],
    [{ action: 'fence', cause: { ...CAUSE, epoch: '1' }, withinMs: 1_000 }],
    [{ action: 'fence', cause: { ...CAUSE, to: '' }, withinMs: 1_000 }],
    [{ action: 'fence', cause: CAUSE, withinMs: 0 }],
    [{ action: 'fence', cause: CAUSE }],
  ])('is refused when it is %j', (event) => expect(() => taskOf(event)).toThrow(/EVENT_MALFORMED/))
})

describe("a function of the user's own", () => {
  it('is asked by contract, and says whether it is done', async () => {
    const { events, create } = answering({ done: false, detail: 'x'.repeat(900) })
    const answer = await userFunction('gate', 'eu-west-1', create).ask(REQUEST, inTime())
    expect(answer).toEqual({ done: false, detail: 'x'.repeat(500) })
    expect(events).toEqual([REQUEST])
  })

  it('says that a region is gone, and nothing else that it was not asked for', async () => {
    const { create } = answering({ done: false, detail: 'no route', gone: true, more: 1 })
    const answer = await userFunction('gate', 'eu-west-1', create).ask(REQUEST, inTime())
    expect(answer).toEqual({ done: false, detail: 'no route', gone: true })
  })

  it('is asked in the other region where there is none of that name in the first, and only then', async () => {
    const none = (): LambdaClient => {
      const client = new LambdaClient({ region: 'eu-west-1' })
      client.send = (async () => {
        throw new ResourceNotFoundException({ message: 'no function', $metadata: {} })
      }) as never
      return client
    }
    const { events, create } = answering({ done: true, detail: 'lifted' })
    const there = userFunction('gate', 'us-east-2', create)
    const either = eitherFunction(userFunction('gate', 'eu-west-1', none), there)
    expect(await either.ask(REQUEST, inTime())).toEqual({ done: true, detail: 'lifted' })
    const failing = userFunction('gate', 'eu-west-1', answering({ errorMessage: 'no' }, 'Unhandled').create)
    await expect(eitherFunction(failing, there).ask(REQUEST, inTime())).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
    })
    expect(events).toHaveLength(1)
  })

  it.each([[null], ['done'], [{ done: 'yes', detail: '' }], [{ done: true }]])(
    'has not said that it is done when it answers %j',
    async (answer) => {
      const asked = userFunction('gate', 'eu-west-1', answering(answer).create).ask(REQUEST, inTime())
      await expect(asked).rejects.toMatchObject({ code: 'FUNCTION_FAILED' })
    },
  )

  it('has not said so either when it failed', async () => {
    const { create } = answering({ errorMessage: 'Task timed out after 3.00 seconds' }, 'Unhandled')
    const asked = userFunction('gate', 'eu-west-1', create).ask(REQUEST, inTime())
    await expect(asked).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('timed out'),
    })
  })
})
