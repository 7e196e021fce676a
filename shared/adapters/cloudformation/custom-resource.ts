import { ReplicationError } from '../../domain/errors.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { rest } from '../running-deadline.ts'

/** What CloudFormation wants of a resource of our own. */
export interface ResourceRequest {
  readonly kind: 'create' | 'update' | 'delete'
  readonly properties: Readonly<Record<string, unknown>>
  /** Of an update: as they were before. */
  readonly oldProperties: Readonly<Record<string, unknown>>
  readonly address: ResourceAddress
}

/** What the answer has to repeat, and where it goes. */
interface ResourceAddress {
  readonly url: string
  readonly stackId: string
  readonly requestId: string
  readonly logicalId: string
  readonly physicalId: string | undefined
}

export type ResourceAnswer = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly reason: string }

const KINDS = { Create: 'create', Update: 'update', Delete: 'delete' } as const

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const parseResourceRequest = (event: unknown): ResourceRequest => {
  if (!isObject(event)) throw malformed('it is not an object')
  const text = (name: string): string => {
    const value = event[name]
    if (typeof value !== 'string' || value === '') throw malformed(`it has no ${name}`)
    return value
  }
  const { PhysicalResourceId: physicalId, ResourceProperties: properties, OldResourceProperties: before } = event
  const kind = KINDS[text('RequestType') as keyof typeof KINDS]
  if (kind === undefined) throw malformed('its RequestType is not one that CloudFormation has')
  return {
    kind,
    properties: isObject(properties) ? properties : {},
    oldProperties: isObject(before) ? before : {},
    address: {
      url: text('ResponseURL'),
      stackId: text('StackId'),
      requestId: text('RequestId'),
      logicalId: text('LogicalResourceId'),
      physicalId: typeof physicalId === 'string' ? physicalId : undefined,
    },
  }
}

const malformed = (why: string): ReplicationError =>
  new ReplicationError('EVENT_MALFORMED', `reading what CloudFormation asks of a custom resource: ${why}`)

/** What CloudFormation shows of a reason. */
const REASON_CHARACTERS = 1_000
const AGAIN_AFTER_MS = 1_000

/** Again until it arrives: without an answer a stack hangs for as long as its resource may take. */
export const answerResourceRequest = async (
  { url, stackId, requestId, logicalId, physicalId }: ResourceAddress,
  answer: ResourceAnswer,
  deadline: Deadline,
): Promise<void> => {
  const body = JSON.stringify({
    Status: answer.kind === 'done' ? 'SUCCESS' : 'FAILED',
    ...(answer.kind === 'failed' && { Reason: answer.reason.slice(0, REASON_CHARACTERS) }),
    // one that changed would make CloudFormation delete the resource that it had before
    PhysicalResourceId: physicalId ?? logicalId,
    StackId: stackId,
    RequestId: requestId,
    LogicalResourceId: logicalId,
  })
  for (;;) {
    try {
      const { ok, status } = await fetch(url, { method: 'PUT', body, signal: deadline.signal })
      if (ok) return
      throw new Error(`status ${status}`)
    } catch (cause) {
      if (await rest(AGAIN_AFTER_MS, deadline)) continue
      const doing = `answering CloudFormation about ${logicalId}`
      throw new ReplicationError('UNEXPECTED', doing, { cause })
    }
  }
}
