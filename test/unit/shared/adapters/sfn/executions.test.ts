import { ExecutionDoesNotExist, InvalidArn, SFNClient } from '@aws-sdk/client-sfn'
import { describe, expect, it } from 'vitest'
import { stateMachineExecutions } from '../../../../../shared/adapters/sfn/executions.ts'
import { inTime } from '../../../../support/in-time.ts'

const ARN = 'arn:aws:states:eu-west-1:111122223333:execution:twinshore-west-east:one'
const METADATA = { $metadata: {}, message: 'no' }

/** A Step Functions that answers so, and which regions it was asked in. */
const answering = (answer: () => unknown) => {
  const regions: string[] = []
  const connect = (region: string): SFNClient => {
    regions.push(region)
    const client = new SFNClient({ region })
    client.send = async () => answer()
    return client
  }
  return { executions: stateMachineExecutions(connect), regions }
}

describe('whether an execution still runs', () => {
  it.each([
    ['RUNNING', true],
    ['PENDING_REDRIVE', true],
    ['SUCCEEDED', false],
    ['FAILED', false],
    ['TIMED_OUT', false],
    ['ABORTED', false],
  ])('is told by its status: %s', async (status, expected) => {
    const { executions, regions } = answering(() => ({ status }))
    expect(await executions.isRunning(ARN, inTime())).toBe(expected)
    expect(await executions.isRunning(ARN, inTime())).toBe(expected)
    expect(regions).toEqual(['eu-west-1'])
  })

  it.each([new ExecutionDoesNotExist(METADATA), new InvalidArn(METADATA)])(
    'is no, when there is none: %s',
    async (error) => {
      const { executions } = answering(() => {
        throw error
      })
      expect(await executions.isRunning(ARN, inTime())).toBe(false)
    },
  )

  it('is no of what was never an execution, without asking', async () => {
    const { executions, regions } = answering(() => ({ status: 'RUNNING' }))
    expect(await executions.isRunning('settling one', inTime())).toBe(false)
    expect(regions).toEqual([])
  })

  it('is not known when nobody tells', async () => {
    const { executions } = answering(() => {
      throw new Error('AccessDenied')
    })
    await expect(executions.isRunning(ARN, inTime())).rejects.toThrow('MACHINE_UNREACHABLE')
  })
})
