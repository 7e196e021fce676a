import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createInvocationClient, invokeFunction } from '../../../../../shared/adapters/lambda/function-invocation.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { startSilentEndpoint } from '../../../../support/silent-endpoint.ts'

const REGION = 'eu-central-1'
const deployed = { region: REGION, name: 'mine-sync-topics', stack: 'mine-sync', answersWithinMs: 20_000 }
const credentials = { accessKeyId: 'anybody', secretAccessKey: 'anything' }

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

let answer: Answer
let requests: string[]
let server: Server
beforeEach(async () => {
  answer = { status: 200, body: '{}' }
  requests = []
  server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url} ${await text(request)}`)
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const urlOf = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const invoke = (
  event: object,
  { endpoint = urlOf(), answersWithinMs = deployed.answersWithinMs } = {},
): Promise<unknown> =>
  invokeFunction(deployed, event, createInvocationClient(answersWithinMs, { region: REGION, endpoint, credentials }))

const fails = (errorMessage: string): void => {
  answer = {
    status: 200,
    headers: { 'x-amz-function-error': 'Unhandled' },
    body: JSON.stringify({ errorType: 'ReplicationError', errorMessage, trace: [] }),
  }
}

const refuses = (status: number, type: string, message: string): void => {
  answer = { status, headers: { 'x-amzn-errortype': type }, body: JSON.stringify({ Type: 'User', message }) }
}

describe('a function that is invoked', () => {
  it('is given the event, once, and its answer is what it returned', async () => {
    answer = { status: 200, body: '{"steps":[]}' }
    expect(await invoke({ mode: 'plan' })).toEqual({ steps: [] })
    expect(requests).toEqual(['POST /2015-03-31/functions/mine-sync-topics/invocations {"mode":"plan"}'])
  })

  it('ends with its own error when it had one of ours, word by word', async () => {
    const own = new ReplicationError('SAME_CLUSTER', 'planning the topics of mine: west and east (both) are the same')
    fails(own.message)
    await expect(invoke({})).rejects.toMatchObject({ code: 'SAME_CLUSTER', message: own.message })
    expect(requests).toHaveLength(1)
  })

  it('has the hint of this version when its own is of another', async () => {
    fails('TOPIC_DENIED: making orders (check something else)')
    await expect(invoke({})).rejects.toThrow(
      new ReplicationError('TOPIC_DENIED', 'making orders (check something else)').message,
    )
  })

  it.each([
    ['its time is up', 'RequestId: 1 Error: Task timed out after 55.00 seconds'],
    ['it broke', "TypeError: Cannot read properties of undefined (reading 'x')"],
    ['it uses a code that is none', 'toString: what'],
    ['it is newer than the command', 'BRAND_NEW: what'],
  ])('ends with what Lambda says when %s', async (_what, message) => {
    fails(message)
    const rejected = expect(invoke({})).rejects
    await rejected.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining(`invoking the function mine-sync-topics in eu-central-1: ${message}`),
    })
  })

  it('ends with an error when it answers no JSON, and shows none of it', async () => {
    answer = { status: 200, body: 'secret' }
    const message = await invoke({}).catch((error: Error) => error.message)
    expect(message).toMatch(/FUNCTION_FAILED: .*its answer of 6 characters is no JSON/)
    expect(message).not.toContain('secret')
  })

  it('is missing where its stack is not deployed', async () => {
    refuses(404, 'ResourceNotFoundException', 'Function not found')
    await expect(invoke({})).rejects.toThrow(
      /CONFIG_INVALID: .*is the stack mine-sync deployed, to this account and region/,
    )
  })

  it.each([
    [403, 'AccessDeniedException', 'User: me is not authorized to perform: lambda:InvokeFunction'],
    [429, 'TooManyRequestsException', 'Rate Exceeded.'],
    [500, 'ServiceException', 'sorry'],
  ])("is not invoked again after a %i, which comes with AWS's own words", async (status, type, message) => {
    refuses(status, type, message)
    await expect(invoke({})).rejects.toMatchObject({
      code: 'FUNCTION_UNREACHABLE',
      message: expect.stringContaining(`${type}, ${message}`),
    })
    expect(requests).toHaveLength(1)
  })

  it('is not waited for longer than it may take', async () => {
    await using silent = await startSilentEndpoint()
    await expect(invoke({}, { endpoint: silent.url, answersWithinMs: 300 })).rejects.toMatchObject({
      code: 'FUNCTION_UNREACHABLE',
    })
  })
})
