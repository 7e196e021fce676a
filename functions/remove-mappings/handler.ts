import {
  answerResourceRequest,
  parseResourceRequest,
  type ResourceAnswer,
  type ResourceRequest,
} from '../../shared/adapters/cloudformation/custom-resource.ts'
import { startDeadline } from '../../shared/adapters/running-deadline.ts'
import { asReplicationError, type ReplicationError } from '../../shared/domain/errors.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import { type RemoveMappingsDeps, removeMappings } from '../../shared/usecases/topics/remove-mappings.ts'

export interface HandlerDeps extends RemoveMappingsDeps {
  readonly report: (outcome: { readonly removed: number } | { readonly error: ReplicationError }) => void
}

/** The part of Lambda's context that matters here. */
interface RemainingTime {
  getRemainingTimeInMillis(): number
}

/** Left to tell CloudFormation how it went. */
const ANSWER_MARGIN_MS = 20_000
const LAMBDA_MARGIN_MS = 2_000

/**
 * What a stack cannot remove, since it did not make it: when it is deleted, all mappings that were made at run time; when
 * it comes to name a topic, the mapping of that topic, which would be in the way of the stack's own. Doing it again is
 * harmless. CloudFormation is told in every case.
 */
export const createHandler =
  (deps: HandlerDeps) =>
  async (event: unknown, context: RemainingTime): Promise<void> => {
    const request = parseResourceRequest(event)
    const remainingMs = context.getRemainingTimeInMillis()
    const work = startDeadline(Math.max(0, remainingMs - ANSWER_MARGIN_MS))
    const answer = startDeadline(Math.max(0, remainingMs - LAMBDA_MARGIN_MS))
    try {
      await answerResourceRequest(request.address, await serve(request, work, deps), answer)
    } finally {
      work.end()
      answer.end()
    }
  }

const serve = async (request: ResourceRequest, deadline: Deadline, deps: HandlerDeps): Promise<ResourceAnswer> => {
  try {
    deps.report({ removed: await removeMappings(concerned(request), deadline, deps) })
    return { kind: 'done' }
  } catch (thrown) {
    const error = asReplicationError(thrown, 'removing the event source mappings that were made at run time')
    deps.report({ error })
    return { kind: 'failed', reason: error.message }
  }
}

const concerned = ({ kind, properties, oldProperties }: ResourceRequest): ((topic: string) => boolean) => {
  if (kind === 'delete') return () => true
  const before = new Set(topicsOf(oldProperties))
  const named = new Set(topicsOf(properties).filter((topic) => !before.has(topic)))
  return (topic) => named.has(topic)
}

const topicsOf = ({ topics }: ResourceRequest['properties']): readonly string[] =>
  Array.isArray(topics) ? topics.map(String) : []
