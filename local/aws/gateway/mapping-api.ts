import { randomUUID } from 'node:crypto'
import { type AwsRequest, type AwsResponse, errorResponse, jsonResponse } from './exchange.ts'
import {
  changed,
  configurationOf,
  consumerGroupOf,
  describeMapping,
  functionArn,
  functionNameOf,
  isKafkaMapping,
  type Mapping,
  tagsOf,
} from './mapping-configuration.ts'
import type { ChangeOutcome, Mappings } from './mappings.ts'

type Forward = (request: AwsRequest) => Promise<AwsResponse>
type Fields = Record<string, unknown>

const MAPPINGS_PATH = /^\/2015-03-31\/event-source-mappings(?:\/([^/?]*))?\/?(?:\?|$)/
const DEFAULT_REGION = 'us-east-1'
const PAGE = 100

/**
 * Lambda's API of event source mappings. Mappings of Kafka are ours; all others, and what we do not know, are AWS's:
 * for them, undefined.
 */
export const answerMappingRequest = async (
  request: AwsRequest,
  mappings: Mappings,
  forward: Forward,
): Promise<AwsResponse | undefined> => {
  const path = MAPPINGS_PATH.exec(request.path)
  if (path === null) return undefined
  const uuid = decodeURIComponent(path[1] ?? '')
  if (uuid === '') return request.method === 'POST' ? create(request, mappings) : list(request, mappings, forward)
  if (mappings.get(uuid) === undefined) return undefined
  switch (request.method) {
    case 'GET':
      return describe(200, mappings.get(uuid), uuid)
    case 'PUT':
      return update(request, uuid, mappings)
    case 'DELETE':
      return answer(mappings.delete(uuid), uuid)
    default:
      return undefined
  }
}

const create = (request: AwsRequest, mappings: Mappings): AwsResponse | undefined => {
  const fields = fieldsOf(request)
  if (!isKafkaMapping(fields)) return undefined
  const { FunctionName: name, Enabled: enabled, Topics: topics } = fields
  if (typeof name !== 'string') return invalid('FunctionName is missing')
  if (!Array.isArray(topics) || topics.length !== 1) return invalid('Topics: exactly one topic must be given')
  const asked = {
    uuid: randomUUID(),
    region: request.region ?? DEFAULT_REGION,
    functionName: functionNameOf(name),
    enabled: enabled !== false,
    configuration: configurationOf(fields),
    tags: tagsOf(fields),
  }
  const group = consumerGroupOf(asked)
  const other = mappings.list().find((one) => consumerGroupOf(one) === group && one.region === asked.region)
  if (other !== undefined) return conflict(other, group)
  return describe(202, mappings.create(asked), asked.uuid)
}

/** AWS words it like this, but for the group; clients find the other mapping by its id. */
const conflict = ({ uuid }: Mapping, group: string): AwsResponse => {
  const message = `A mapping with the consumer group ${group} already exists. Please update or delete the existing mapping with UUID ${uuid}`
  return errorResponse(409, 'ResourceConflictException', message)
}

const update = (request: AwsRequest, uuid: string, mappings: Mappings): AwsResponse => {
  const fields = fieldsOf(request)
  const mapping = mappings.get(uuid)
  if (mapping === undefined) return unknown(uuid)
  const { Enabled: enabled, FunctionName: name } = fields
  const outcome = mappings.change(uuid, {
    configuration: changed(mapping.configuration, fields),
    ...(typeof enabled === 'boolean' && { enabled }),
    ...(typeof name === 'string' && { functionName: functionNameOf(name) }),
  })
  return answer(outcome, uuid)
}

/** Ours and AWS's own as one list, cut into pages by us. */
const list = async (request: AwsRequest, mappings: Mappings, forward: Forward): Promise<AwsResponse> => {
  const query = new URL(request.path, 'http://gateway').searchParams
  const ours = mappings.list().filter((mapping) => matches(mapping, query, request.region ?? DEFAULT_REGION))
  const known = new Set(mappings.list().map(({ uuid }) => uuid))
  const theirs = (await listForwarded(request, query, forward)).filter(({ UUID: uuid }) => !known.has(String(uuid)))
  const all = [...ours.map(describeMapping), ...theirs]
  const from = Number(query.get('Marker') ?? 0)
  const to = from + Number(query.get('MaxItems') ?? PAGE)
  const page = { EventSourceMappings: all.slice(from, to) }
  return jsonResponse(200, to < all.length ? { ...page, NextMarker: String(to) } : page)
}

const listForwarded = async (request: AwsRequest, query: URLSearchParams, forward: Forward): Promise<Fields[]> => {
  const found: Fields[] = []
  for (let marker: string | undefined = ''; marker !== undefined; ) {
    const asked = new URLSearchParams(query)
    asked.delete('MaxItems')
    asked.delete('Marker')
    if (marker !== '') asked.set('Marker', marker)
    const path = `${request.path.split('?')[0]}?${asked}`
    const page = JSON.parse((await forward({ ...request, path })).body.toString() || '{}')
    found.push(...(page.EventSourceMappings ?? []))
    marker = page.NextMarker ?? undefined
  }
  return found
}

const matches = (mapping: Mapping, query: URLSearchParams, region: string): boolean => {
  const name = query.get('FunctionName')
  const arn = query.get('EventSourceArn')
  return (
    mapping.region === region &&
    (name === null || functionNameOf(name) === functionNameOf(functionArn(mapping))) &&
    (arn === null || mapping.configuration.EventSourceArn === arn)
  )
}

const answer = (outcome: ChangeOutcome, uuid: string): AwsResponse => {
  switch (outcome.kind) {
    case 'accepted':
      return describe(202, outcome.mapping, uuid)
    case 'unknown':
      return unknown(uuid)
    case 'busy': {
      const message = `Cannot change the event source mapping because it is ${outcome.state.toLowerCase()}.`
      return errorResponse(400, 'ResourceInUseException', message)
    }
  }
}

const describe = (status: number, mapping: Mapping | undefined, uuid: string): AwsResponse =>
  mapping === undefined ? unknown(uuid) : jsonResponse(status, describeMapping(mapping))

export const unknown = (uuid: string): AwsResponse =>
  errorResponse(404, 'ResourceNotFoundException', `The event source mapping ${uuid} does not exist.`)

const invalid = (message: string): AwsResponse => errorResponse(400, 'InvalidParameterValueException', message)

export const fieldsOf = ({ body }: AwsRequest): Fields => {
  try {
    const fields: unknown = JSON.parse(body.toString() || '{}')
    return typeof fields === 'object' && fields !== null ? (fields as Fields) : {}
  } catch {
    return {} // AWS itself is to say what is wrong with it
  }
}
