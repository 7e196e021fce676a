import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deployedEnvironment } from '../../../../../shared/adapters/lambda/deployed-function.ts'
import { createLambdaClient } from '../../../../../shared/adapters/lambda/lambda-client.ts'

const REGION = 'eu-central-1'
const credentials = { accessKeyId: 'anybody', secretAccessKey: 'anything' }

let answer: { readonly status: number; readonly type?: string; readonly body: object }
let server: Server
beforeEach(async () => {
  server = createServer((_request, response) => {
    const { status, type, body } = answer
    response.writeHead(status, type === undefined ? {} : { 'x-amzn-errortype': type }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const read = () => {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return deployedEnvironment(REGION, 'mine-replicate', createLambdaClient({ region: REGION, endpoint, credentials }))
}

describe('the configuration of a deployed function', () => {
  it('is its environment', async () => {
    answer = { status: 200, body: { Environment: { Variables: { TWINSHORE_LINK: 'west-east' } } } }
    expect(await read()).toEqual({ TWINSHORE_LINK: 'west-east' })
  })

  it('is asked for in vain where nothing is deployed', async () => {
    answer = { status: 404, type: 'ResourceNotFoundException', body: { Message: 'Function not found' } }
    await expect(read()).rejects.toThrow(/CONFIG_INVALID: .*mine-replicate in eu-central-1: .*is the link deployed/)
  })

  it.each([
    ['AccessDeniedException', 'not authorized to perform: lambda:GetFunctionConfiguration'],
    ['ExpiredTokenException', 'The security token included in the request is expired'],
  ])('is not said to be missing after %s, but what Lambda says', async (type, because) => {
    answer = { status: 403, type, body: { message: because } }
    await expect(read()).rejects.toThrow(new RegExp(`FUNCTION_UNREACHABLE: .*${type}, .*${because}.*check the cred`))
  })
})
