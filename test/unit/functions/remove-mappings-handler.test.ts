import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type HandlerDeps } from '../../../functions/remove-mappings/handler.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import { FakeMappingControl } from '../../fakes/mapping-control.ts'

let answers: unknown[]
/** How often CloudFormation does not take an answer. */
let refusals: number
let cloudFormation: Server
let mappings: FakeMappingControl
let reports: Parameters<HandlerDeps['report']>[0][]
let handler: ReturnType<typeof createHandler>
beforeEach(async () => {
  answers = []
  refusals = 0
  cloudFormation = createServer(async (request, response) => {
    const answer = await json(request)
    const taken = refusals-- <= 0
    if (taken) answers.push(answer)
    response.writeHead(taken ? 200 : 500).end()
  })
  await new Promise<void>((resolve) => cloudFormation.listen(0, '127.0.0.1', resolve))
  mappings = new FakeMappingControl()
  mappings.deploy('orders')
  for (const topic of ['payments', 'returns']) await mappings.create(topic, { enabled: true })
  await mappings.settle()
  reports = []
  handler = createHandler({
    mappings,
    rest: async (_ms, { signal }) => {
      await mappings.settle()
      await new Promise((resolve) => setImmediate(resolve))
      return !signal.aborted
    },
    report: (outcome) => void reports.push(outcome),
  })
})
afterEach(() => {
  cloudFormation.close()
  cloudFormation.closeAllConnections()
})

const TIME = { getRemainingTimeInMillis: () => 60_000 }
const asked = (RequestType: string, more: object = {}) => ({
  RequestType,
  ResponseURL: `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/answer`,
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'RunTimeMappings',
  ...(RequestType !== 'Create' && { PhysicalResourceId: 'as-before' }),
  ResourceProperties: { ServiceToken: 'arn', topics: ['orders'] },
  ...more,
})
const topics = (): string[] => [...mappings.mappings.values()].map(({ topic }) => topic)
const SUCCESS = {
  Status: 'SUCCESS',
  PhysicalResourceId: 'as-before',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'RunTimeMappings',
}

describe('the remover of mappings', () => {
  it('removes nothing when the stack is made', async () => {
    await handler(asked('Create'), TIME)
    expect(topics()).toEqual(['orders', 'payments', 'returns'])
    expect(answers).toEqual([{ ...SUCCESS, PhysicalResourceId: 'RunTimeMappings' }])
  })

  it('removes all that was made at run time when the stack is deleted', async () => {
    await handler(asked('Delete'), TIME)
    expect(topics()).toEqual(['orders'])
    expect(answers).toEqual([SUCCESS])
    expect(reports).toEqual([{ removed: 2 }])
  })

  it('makes way where the stack comes to name a topic, and only there', async () => {
    const named = (...all: string[]) => ({ ServiceToken: 'arn', topics: all })
    const before = ['orders', 'payments']
    const update = { ResourceProperties: named(...before, 'returns'), OldResourceProperties: named(...before) }
    await handler(asked('Update', update), TIME)
    expect(topics()).toEqual(['orders', 'payments'])
    expect(answers).toEqual([SUCCESS])
  })

  it('tells CloudFormation what went wrong', async () => {
    mappings.remove = async () => {
      throw new ReplicationError('MAPPINGS_DENIED', `removing: ${'not authorized '.repeat(200)}`)
    }
    await handler(asked('Delete'), TIME)
    expect(answers).toEqual([
      { ...SUCCESS, Status: 'FAILED', Reason: expect.stringMatching(/^MAPPINGS_DENIED: removing/) },
    ])
    expect(JSON.stringify(answers).length).toBeLessThan(4_096)
    expect(reports).toMatchObject([{ error: { code: 'MAPPINGS_DENIED' } }])
  })

  it('tells CloudFormation when time is over, while there is some left to tell it', async () => {
    mappings.remove = async () => 'removed'
    await handler(asked('Delete'), { getRemainingTimeInMillis: () => 20_100 })
    expect(answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('3 were not gone') }])
  })

  it('answers again when the answer did not arrive', async () => {
    refusals = 1
    await handler(asked('Delete'), TIME)
    expect(answers).toEqual([SUCCESS])
  })

  it.each([
    ['not an object', 7],
    [
      'of no kind',
      { ...{}, RequestType: 'Destroy', ResponseURL: 'x', StackId: 's', RequestId: 'r', LogicalResourceId: 'l' },
    ],
    ['without a way to answer', { RequestType: 'Delete' }],
  ])('refuses what is %s', async (_what, event) => {
    await expect(handler(event, TIME)).rejects.toMatchObject({ code: 'EVENT_MALFORMED' })
    expect(topics()).toHaveLength(3)
  })
})
