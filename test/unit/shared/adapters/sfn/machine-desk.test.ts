import { ExecutionDoesNotExist, InvalidToken, SFNClient, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn'
import { describe, expect, it } from 'vitest'
import { stateMachineDesk } from '../../../../../shared/adapters/sfn/machine-desk.ts'
import { inTime } from '../../../../support/in-time.ts'

const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:twinshore-west-east-failover'
const EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:twinshore-west-east-failover:one'
const METADATA = { $metadata: {}, message: 'no' }

interface Asked {
  readonly name: string
  readonly input: Record<string, unknown>
}

/** A Step Functions that has the machine, on the second page of its list, and answers the rest so. */
const answering = (answer: (asked: Asked) => unknown) => {
  const asked: Asked[] = []
  const client = new SFNClient({ region: 'eu-west-1' })
  client.send = async (command: { readonly constructor: { readonly name: string }; readonly input: object }) => {
    const { nextToken, ...input } = { nextToken: undefined, ...command.input } as Record<string, unknown>
    const { name } = command.constructor
    asked.push({ name, input })
    if (name !== 'ListStateMachinesCommand') return answer({ name, input })
    const machine = { name: 'twinshore-west-east-failover', stateMachineArn: MACHINE }
    return nextToken === undefined
      ? { stateMachines: [{ name: 'another', stateMachineArn: 'arn' }], nextToken: 'more' }
      : { stateMachines: [machine] }
  }
  return { desk: stateMachineDesk(client, 'twinshore-west-east-failover'), asked }
}

const failing = (error: Error) =>
  answering(() => {
    throw error
  })

describe('a state machine', () => {
  it('is found by its name, once, and started with what is wished', async () => {
    const { desk, asked } = answering(() => ({}))
    const wish = { mode: 'planned', reason: 'r', who: 'w' } as const
    await desk.start('one', wish, inTime())
    await desk.start('two', wish, inTime())
    expect(asked.map(({ name }) => name)).toEqual([
      'ListStateMachinesCommand',
      'ListStateMachinesCommand',
      'StartExecutionCommand',
      'StartExecutionCommand',
    ])
    expect(asked[2]?.input).toEqual({ stateMachineArn: MACHINE, name: 'one', input: JSON.stringify(wish) })
  })

  it('that is not deployed is told as that', async () => {
    const client = new SFNClient({ region: 'eu-west-1' })
    client.send = async () => ({ stateMachines: [] })
    await expect(stateMachineDesk(client, 'none').look('one', inTime())).rejects.toThrow(
      /CONFIG_INVALID.*is the pair deployed/,
    )
  })

  it('that does not answer is told as that', async () => {
    await expect(failing(new Error('AccessDenied')).desk.look('one', inTime())).rejects.toThrow('MACHINE_UNREACHABLE')
  })
})

describe('an execution', () => {
  it.each([
    ['RUNNING', undefined, { kind: 'running' }],
    ['PENDING_REDRIVE', undefined, { kind: 'running' }],
    [
      'SUCCEEDED',
      '{"outcome":"done","execution":"one","report":"s3://b/k"}',
      { kind: 'ended', outcome: 'done', report: 's3://b/k' },
    ],
    ['SUCCEEDED', '{"outcome":"rolled-back","report":null}', { kind: 'ended', outcome: 'rolled-back' }],
    ['SUCCEEDED', '{"outcome":"else"}', { kind: 'broken', status: 'SUCCEEDED', cause: 'E: why' }],
    ['ABORTED', undefined, { kind: 'broken', status: 'ABORTED', cause: 'E: why' }],
  ])('that is %s with %s', async (status, output, expected) => {
    const { desk, asked } = answering(() => ({ status, output, error: 'E', cause: 'why' }))
    expect(await desk.look('one', inTime())).toEqual(expected)
    expect(asked.at(-1)?.input).toEqual({ executionArn: EXECUTION })
  })

  it('that runs is found before those that were started later, and else the last one', async () => {
    const startDate = new Date(5)
    const executions = [
      { name: 'late', status: 'SUCCEEDED', startDate },
      { name: 'runs', status: 'RUNNING', startDate },
    ]
    const { desk } = answering(() => ({ executions }))
    expect(await desk.newest(inTime())).toEqual({ name: 'runs', running: true, startedAt: 5 })
    executions.pop()
    expect(await desk.newest(inTime())).toEqual({ name: 'late', running: false, startedAt: 5 })
    executions.pop()
    expect(await desk.newest(inTime())).toBeUndefined()
  })

  it('that never was is none', async () => {
    expect(await failing(new ExecutionDoesNotExist(METADATA)).desk.look('one', inTime())).toBeUndefined()
  })
})

describe('an answer', () => {
  it('reaches whoever waits', async () => {
    const { desk, asked } = answering(() => ({}))
    expect(await desk.answer('token', { hash: 'h', by: 'anna' }, inTime())).toBe('answered')
    expect(await desk.refuse('token', { by: 'anna', because: 'no' }, inTime())).toBe('answered')
    expect(asked).toEqual([
      { name: 'SendTaskSuccessCommand', input: { taskToken: 'token', output: '{"hash":"h","by":"anna"}' } },
      { name: 'SendTaskFailureCommand', input: { taskToken: 'token', error: 'Refused', cause: 'by anna: no' } },
    ])
  })

  it.each([new TaskTimedOut(METADATA), new TaskDoesNotExist(METADATA), new InvalidToken(METADATA)])(
    'is late when nobody waits any more: %s',
    async (error) => {
      expect(await failing(error).desk.answer('token', { do: 'retry', by: 'anna' }, inTime())).toBe('late')
    },
  )

  it('that nobody heard is told', async () => {
    const { desk } = failing(new Error('AccessDenied'))
    await expect(desk.answer('token', { do: 'end', by: 'anna' }, inTime())).rejects.toThrow('MACHINE_UNREACHABLE')
  })
})
