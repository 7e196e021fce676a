import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'

/** A request to AWS, whole. */
export interface AwsRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** As it was signed, `dynamodb` for one; undefined when the request is not signed. */
  readonly service: string | undefined
  readonly region: string | undefined
  /** `UpdateItem`, where the protocol names it; otherwise undefined, and the path says it. */
  readonly operation: string | undefined
}

export interface AwsResponse {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
}

const CREDENTIAL_SCOPE = /Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/

/** Query protocol services name the operation in the form, JSON protocol services in a header. */
const operationOf = (headers: IncomingHttpHeaders, body: Buffer): string | undefined => {
  const target = headers['x-amz-target']
  if (typeof target === 'string') return target.slice(target.lastIndexOf('.') + 1)
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return undefined
  return new URLSearchParams(body.toString('latin1')).get('Action') ?? undefined
}

export const describeRequest = (
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: Buffer,
): AwsRequest => {
  const { method = 'GET', url: path = '/', headers } = request
  const [, region, service] = CREDENTIAL_SCOPE.exec(headers.authorization ?? '') ?? []
  return { method, path, headers, body, service, region, operation: operationOf(headers, body) }
}

export const jsonResponse = (status: number, content: unknown, headers: OutgoingHttpHeaders = {}): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(content)),
})

/** An error as services of either JSON protocol send it; SDKs find the name in the header or in `__type`. */
export const errorResponse = (status: number, name: string, message: string): AwsResponse =>
  jsonResponse(status, { __type: name, Type: 'User', message, Message: message }, { 'x-amzn-errortype': name })
