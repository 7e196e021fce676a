import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { controlPlaneQuota } from '../../../../../local/aws/gateway/control-plane-quota.ts'
import {
  type AwsRequest,
  type AwsResponse,
  errorResponse,
  jsonResponse,
} from '../../../../../local/aws/gateway/exchange.ts'
import { RequestPace } from '../../../../../shared/adapters/lambda/request-pace.ts'
import type { Link } from '../../../../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import type { MappingControl } from '../../../../../shared/usecases/topics/topic-ports.ts'
import { inTime } from '../../../../support/in-time.ts'
import { mappingControlContract } from '../../../../support/mapping-control-contract.ts'
import {
  controlOf,
  deployMapping,
  type MappingGateway,
  startMappingGateway,
} from '../../../../support/mapping-gateway.ts'
import { withLink } from '../../domain/topology/topology-example.ts'

const linkNamed = (name: string): Link => {
  const [link] = defineTopology(withLink({ name, topics: ['of-stack'] })).links
  if (link === undefined) throw new Error('the topology has a link')
  return link
}

const other = (link: Link, differs: 'settings' | 'source'): Link =>
  differs === 'settings'
    ? { ...link, batchSize: 7, batchWindowMs: 2_000, pollers: { minimum: 1, maximum: 2 } }
    : { ...link, source: { ...link.source, bootstrapServers: ['b-9.west.example.org:9093'] } }

let gateway: MappingGateway
let links = 0
const newLink = (): Link => linkNamed(`link-${links++}`)
beforeAll(async () => {
  gateway = await startMappingGateway({ createMs: 20, changeMs: 20, deleteMs: 20 })
})
afterEach(() => gateway.faults.removeAll())
afterAll(() => gateway.stop())

mappingControlContract("the control of mappings through Lambda's API", async () => {
  const link = newLink()
  return {
    control: controlOf(link, gateway.url),
    deploy: () => deployMapping(gateway, link, 'of-stack'),
    settle: () => gateway.mappings.settled(),
    wantOthers: (differs) => controlOf(other(link, differs), gateway.url),
  }
})

const isUpon =
  (method: string, path = '/event-source-mappings') =>
  (request: AwsRequest): boolean =>
    request.method === method && request.path.includes(path)

describe('a mapping made at run time', () => {
  let link: Link
  let control: MappingControl
  beforeEach(() => {
    link = newLink()
    control = controlOf(link, gateway.url)
  })

  it('is like one of the stack, with tags that say who made it', async () => {
    const { id } = await control.create('orders', { enabled: true }, inTime())
    expect(gateway.mappings.get(id)).toMatchObject({
      functionName: `twinshore-${link.name}-replicate`,
      tags: { 'twinshore:installation': 'twinshore', 'twinshore:link': link.name, 'twinshore:made-by': 'run-time' },
      configuration: {
        Topics: ['orders'],
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 10_000,
        SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['b-1.west.example.org:9093'] } },
        SelfManagedKafkaEventSourceConfig: {
          ConsumerGroupId: `twinshore.${link.name}.orders`,
          ConsumptionMode: 'Stream',
        },
      },
    })
  })

  it("is not another link's to remove", async () => {
    const { id } = await controlOf({ ...link, installation: 'other' }, gateway.url).create(
      't',
      { enabled: true },
      inTime(),
    )
    expect(await control.remove(id, inTime())).toBe('not-ours')
    expect(gateway.mappings.get(id)?.state).not.toBe('Deleting')
  })

  it('is found also when it is not listed yet', async () => {
    const { id } = await control.create('orders', { enabled: true }, inTime())
    const empty = async () => jsonResponse(200, { EventSourceMappings: [] })
    gateway.faults.inject({ match: isUpon('GET', '?FunctionName='), fault: empty })
    expect(await control.create('orders', { enabled: true }, inTime())).toMatchObject({ id, topic: 'orders' })
  })

  it('is no mapping of another function, when that has taken the consumer group', async () => {
    const other = { ...link, installation: `${link.installation}-x` }
    await controlOf({ ...other, name: link.name }, gateway.url).create('orders', { enabled: true }, inTime())
    const [taken] = gateway.mappings.list().slice(-1)
    const refuse = async () =>
      errorResponse(409, 'ResourceConflictException', `delete the existing mapping with UUID ${taken?.uuid}`)
    gateway.faults.inject({ match: isUpon('POST'), fault: refuse })
    await expect(control.create('orders', { enabled: true }, inTime(4_000))).rejects.toMatchObject({
      code: 'MAPPING_REFUSED',
    })
  })
})

describe("what Lambda's API does not do", () => {
  let control: MappingControl
  beforeEach(() => {
    control = controlOf(newLink(), gateway.url)
  })
  const refusing = (status: number, name: string, message: string) => async (): Promise<AwsResponse> =>
    errorResponse(status, name, message)

  it('because of a missing right is told with the action, the resource and the role', async () => {
    const message =
      'User: arn:aws:sts::000000000000:assumed-role/sync/x is not authorized to perform: lambda:CreateEventSourceMapping on resource: arn:aws:lambda:eu-west-1:000000000000:event-source-mapping:* because no identity-based policy allows it'
    gateway.faults.inject({ match: isUpon('POST'), fault: refusing(403, 'AccessDeniedException', message) })
    await expect(control.create('orders', { enabled: true }, inTime())).rejects.toMatchObject({
      code: 'MAPPINGS_DENIED',
      message: expect.stringContaining(message),
    })
  })

  it('because it refuses the mapping is told in its words, once', async () => {
    const message = 'Cannot access secret manager value'
    const rule = gateway.faults.inject({
      match: isUpon('POST'),
      fault: refusing(400, 'InvalidParameterValueException', message),
    })
    await expect(control.create('orders', { enabled: true }, inTime())).rejects.toMatchObject({
      code: 'MAPPING_REFUSED',
      message: expect.stringContaining(message),
    })
    expect(rule.matched).toBe(1)
  })

  it.each([
    [429, 'TooManyRequestsException'],
    [500, 'ServiceException'],
    [503, 'ServiceUnavailable'],
  ])('now (%i %s) is asked again', async (status, name) => {
    let left = 2
    gateway.faults.inject({
      match: isUpon('POST'),
      fault: async (_request, forward) => (left-- > 0 ? errorResponse(status, name, 'later') : forward()),
    })
    await control.create('orders', { enabled: true }, inTime())
    expect(await control.list(inTime())).toHaveLength(1)
  })

  it('by the deadline is an error that says so, soon after it', async () => {
    gateway.faults.inject({ match: isUpon('GET'), fault: 'hold' })
    const since = Date.now()
    await expect(control.list(inTime(300))).rejects.toMatchObject({ code: 'MAPPINGS_UNREACHABLE' })
    expect(Date.now() - since).toBeLessThan(3_000)
  })

  it('twice does not matter: a mapping whose answer was lost is made once', async () => {
    let lose = true
    gateway.faults.inject({
      match: isUpon('POST'),
      fault: async (_request, forward) => {
        const answer = await forward()
        if (!lose) return answer
        lose = false
        return errorResponse(500, 'ServiceException', 'lost')
      },
    })
    const { id } = await control.create('orders', { enabled: true }, inTime())
    expect((await control.list(inTime())).map((mapping) => mapping.id)).toEqual([id])
  })
})

describe('the pace of requests', () => {
  it('stays below what Lambda takes of the whole account, side by side too', async () => {
    const rule = gateway.faults.inject(controlPlaneQuota())
    const control = controlOf(newLink(), gateway.url, new RequestPace())
    const since = performance.now()
    await Promise.all(Array.from({ length: 31 }, () => control.list(inTime())))
    expect(rule.matched).toBe(31)
    expect(performance.now() - since).toBeGreaterThan(2_950)
  })

  it('that is too fast ends in time all the same, since refused requests come again', async () => {
    const rule = gateway.faults.inject(controlPlaneQuota())
    const control = controlOf(newLink(), gateway.url)
    await Promise.all(Array.from({ length: 40 }, () => control.list(inTime())))
    expect(rule.matched).toBeGreaterThan(40)
  })

  it('gives no turn after the deadline', async () => {
    const pace = new RequestPace({ requestsASecond: 1 })
    const deadline = inTime(1_500)
    const turns = await Promise.all(Array.from({ length: 5 }, () => pace.turn(deadline)))
    expect(turns).toEqual([true, true, false, false, false])
  })
})
