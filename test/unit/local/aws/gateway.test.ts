import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { controlPlaneQuota } from '../../../../local/aws/gateway/control-plane-quota.ts'
import { type Gateway, startGateway } from '../../../../local/aws/gateway.ts'
import { freePort } from '../../../../local/machine/free-port.ts'

/** Stands in for the local AWS: has one mapping of its own, and echoes all else. */
const startUpstream = async (): Promise<{ server: Server; url: URL; seen: string[] }> => {
  const seen: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    seen.push(`${request.method} ${request.url}`)
    const isList = request.url?.includes('event-source-mappings')
    const answer = isList
      ? { EventSourceMappings: [{ UUID: 'theirs' }] }
      : { Configuration: { FunctionName: 'echo', Description: Buffer.concat(chunks).toString() } }
    response.writeHead(200, { 'content-type': 'application/json', 'x-amzn-requestid': 'r' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), seen }
}

let upstream: Awaited<ReturnType<typeof startUpstream>>
let gateway: Gateway
let lambda: LambdaClient
beforeEach(async () => {
  upstream = await startUpstream()
  const delays = { createMs: 0, changeMs: 200, deleteMs: 0 }
  gateway = await startGateway({ port: await freePort(), upstream: upstream.url, delays })
  lambda = new LambdaClient({
    endpoint: gateway.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'x' },
    maxAttempts: 1,
  })
})
afterEach(async () => {
  lambda.destroy()
  await gateway.close()
  upstream.server.close()
  upstream.server.closeAllConnections()
})

const ARN = 'arn:aws:lambda:eu-west-1:000000000000:function:replicate'
const KAFKA = {
  Topics: ['orders'],
  StartingPosition: 'TRIM_HORIZON' as const,
  SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['127.0.0.1:9092'] } },
  SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'g' },
}
const create = (changes: object = {}) =>
  lambda.send(new CreateEventSourceMappingCommand({ FunctionName: ARN, ...KAFKA, ...changes }))

describe('the gateway', () => {
  it('passes on what is not about Kafka', async () => {
    const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: 'echo' }))
    expect(Configuration?.FunctionName).toBe('echo')
    await create({ SelfManagedEventSource: undefined, EventSourceArn: 'arn:aws:sqs:eu-west-1:000000000000:q' })
    expect(upstream.seen).toEqual(['GET /2015-03-31/functions/echo', 'POST /2015-03-31/event-source-mappings'])
  })

  it('passes a body on byte for byte', async () => {
    const response = await fetch(`${gateway.url}/x`, { method: 'PUT', body: Buffer.from('é'.repeat(1_000_000)) })
    const { Configuration } = (await response.json()) as { Configuration: { Description: string } }
    expect(Configuration.Description).toBe('é'.repeat(1_000_000))
    expect(response.headers.get('x-amzn-requestid')).toBe('r')
  })

  it('says when the local AWS is not there', async () => {
    upstream.server.closeAllConnections()
    await new Promise((resolve) => upstream.server.close(resolve))
    await expect(lambda.send(new GetFunctionCommand({ FunctionName: 'echo' }))).rejects.toThrow(/local AWS/)
  })

  it('makes, describes, changes and deletes a mapping of Kafka', async () => {
    const { UUID = '', State } = await create()
    expect(State).toBe('Creating')
    await gateway.mappings.settled()
    const described = await lambda.send(new GetEventSourceMappingCommand({ UUID }))
    expect(described).toMatchObject({
      ...KAFKA,
      FunctionArn: ARN,
      State: 'Enabled',
      BatchSize: 100,
    })
    const change = { UUID, Enabled: false, BatchSize: 7 }
    expect(await lambda.send(new UpdateEventSourceMappingCommand(change))).toMatchObject({
      State: 'Disabling',
      BatchSize: 7,
    })
    await expect(lambda.send(new UpdateEventSourceMappingCommand(change))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    })
    await gateway.mappings.settled()
    expect(await lambda.send(new DeleteEventSourceMappingCommand({ UUID }))).toMatchObject({ State: 'Deleting' })
    await gateway.mappings.settled()
    expect(gateway.mappings.list()).toEqual([])
    expect(upstream.seen).toEqual([])
  })

  it('refuses a second mapping with the same consumer group, and more than one topic', async () => {
    await create()
    await expect(create()).rejects.toMatchObject({ name: 'ResourceConflictException' })
    const two = create({ Topics: ['a', 'b'], SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'h' } })
    await expect(two).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
  })

  it('lists its own mappings and those of AWS, page by page', async () => {
    const { UUID } = await create()
    await create({ FunctionName: 'other', SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'h' } })
    const page = (input: object) =>
      lambda.send(new ListEventSourceMappingsCommand({ FunctionName: 'replicate', ...input }))
    const first = await page({ MaxItems: 1 })
    expect(first.EventSourceMappings?.map((mapping) => mapping.UUID)).toEqual([UUID])
    const second = await page({ MaxItems: 1, Marker: first.NextMarker })
    expect(second.EventSourceMappings?.map((mapping) => mapping.UUID)).toEqual(['theirs'])
    expect(second.NextMarker).toBeUndefined()
  })

  it('lists a mapping once that AWS has by the same id, as CloudFormation makes them', async () => {
    const same = { uuid: 'theirs', region: 'eu-west-1', functionName: 'replicate', enabled: true }
    gateway.mappings.create({ ...same, configuration: { Topics: ['t'] } })
    const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({}))
    expect(EventSourceMappings).toMatchObject([{ UUID: 'theirs', Topics: ['t'] }])
  })

  it('keeps mappings of another region to itself', async () => {
    const elsewhere = { uuid: 'far', region: 'us-east-1', functionName: 'replicate', enabled: true }
    gateway.mappings.create({ ...elsewhere, configuration: { Topics: ['t'] } })
    const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({}))
    expect(EventSourceMappings?.map(({ UUID }) => UUID)).toEqual(['theirs'])
  })
})

describe('the tags of a mapping', () => {
  const tagsOf = async (Resource: string) => (await lambda.send(new ListTagsCommand({ Resource }))).Tags

  it('are those that it was made with, until they are changed', async () => {
    const { EventSourceMappingArn: Resource = '' } = await create({ Tags: { by: 'me', 'twinshore:link': 'west-east' } })
    expect(await tagsOf(Resource)).toEqual({ by: 'me', 'twinshore:link': 'west-east' })
    await lambda.send(new TagResourceCommand({ Resource, Tags: { by: 'you', since: 'now' } }))
    await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['since', 'twinshore:link'] }))
    expect(await tagsOf(Resource)).toEqual({ by: 'you' })
    expect(upstream.seen).toEqual([])
  })

  it('are none when it was made without, and AWS is asked for those of anything else', async () => {
    const { EventSourceMappingArn = '' } = await create()
    expect(await tagsOf(EventSourceMappingArn)).toEqual({})
    await tagsOf(ARN)
    expect(upstream.seen).toEqual([`GET /2017-03-31/tags/${encodeURIComponent(ARN)}`])
  })
})

describe('the quota of the control plane', () => {
  let now: number
  const ask = () => lambda.send(new ListEventSourceMappingsCommand({}))
  const invoke = () => lambda.send(new InvokeCommand({ FunctionName: 'echo' }))
  const refused = async (requests: number): Promise<number> => {
    const all = await Promise.allSettled(Array.from({ length: requests }, ask))
    const errors = all.flatMap((one) => (one.status === 'rejected' ? [one.reason.name] : []))
    expect(errors.every((name) => name === 'TooManyRequestsException')).toBe(true)
    return errors.length
  }
  beforeEach(() => {
    now = 1_000
    gateway.faults.inject(controlPlaneQuota(() => now))
  })

  it('takes 15 requests a second', async () => {
    expect(await refused(20)).toBe(5)
    now += 200
    expect(await refused(5)).toBe(2)
    now += 60_000
    expect(await refused(16)).toBe(1)
  })

  it('does not count invocations', async () => {
    for (let at = 0; at < 20; at++) await invoke()
    expect(await refused(15)).toBe(0)
  })
})

describe('a fault rule', () => {
  const ask = () => lambda.send(new GetFunctionCommand({ FunctionName: 'echo' }))
  const match = ({ service }: { service: string | undefined }): boolean => service === 'lambda'

  it('refuses what comes too fast', async () => {
    const rule = gateway.faults.inject({ match, fault: 'throttle' })
    await expect(ask()).rejects.toMatchObject({ name: 'ThrottlingException' })
    rule.remove()
    await expect(ask()).resolves.toBeDefined()
    expect(rule.matched).toBe(1)
  })

  it('cuts a connection before the request reaches AWS', async () => {
    gateway.faults.inject({ match, fault: 'drop' })
    await expect(ask()).rejects.toThrow(/socket hang up|ECONNRESET/)
    expect(upstream.seen).toEqual([])
  })

  it('holds a request unanswered until the rule is removed, and never lets it reach AWS', async () => {
    const rule = gateway.faults.inject({ match, fault: 'hold' })
    let answered = false
    const held = ask().finally(() => {
      answered = true
    })
    held.catch(() => undefined)
    expect((await rule.firstMatch).path).toBe('/2015-03-31/functions/echo')
    await fetch(`${gateway.url}/nothing/signed`) // passes meanwhile
    expect(answered).toBe(false)
    rule.remove()
    await expect(held).rejects.toThrow()
    expect(upstream.seen).toEqual(['GET /nothing/signed'])
  })

  it('may answer as it likes, also after AWS did', async () => {
    gateway.faults.inject({ match, fault: async (_request, forward) => ({ ...(await forward()), status: 500 }) })
    await expect(ask()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } })
    expect(upstream.seen).toHaveLength(1)
  })

  it('that is newer decides before an older one', async () => {
    gateway.faults.inject({ match, fault: 'drop' })
    gateway.faults.inject({ match, fault: 'pass' })
    await expect(ask()).resolves.toBeDefined()
  })
})
