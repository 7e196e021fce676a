import { ReplicationError } from '../../domain/errors.ts'
import type { Fencing, FencingAction } from '../../usecases/failover/fence-ports.ts'
import type { FenceReport } from '../../usecases/failover/fence-report.ts'
import { createInvocationClient, type DeployedFunction, invokeFunction } from './function-invocation.ts'

/** So much earlier than we give up it answers, so that we hear whom it could not reach. */
const ANSWER_MARGIN_MS = 3_000
/** A cold start, and the way there and back. */
const SHORTEST_MS = 5_000

/** The function of the fence, as it is deployed. */
export const fenceFunction = (
  deployed: Omit<DeployedFunction, 'answersWithinMs'>,
  client = createInvocationClient,
): Fencing => ({
  ask: async (action, cause, deadline) => {
    const answersWithinMs = Math.max(SHORTEST_MS, deadline.at - Date.now())
    const event = { action, cause, withinMs: answersWithinMs - ANSWER_MARGIN_MS }
    const { region } = deployed
    return reportOf(
      await invokeFunction({ ...deployed, answersWithinMs }, event, client(answersWithinMs, { region })),
      action,
    )
  },
})

const OUTCOMES = ['done', 'again', 'refused'] as const

const reportOf = (answer: unknown, action: FencingAction): FenceReport => {
  const { outcome, message, weaker, unheard }: Loose = typeof answer === 'object' && answer !== null ? answer : {}
  const known = OUTCOMES.find((one) => one === outcome)
  if (
    known === undefined ||
    typeof message !== 'string' ||
    !isTexts(weaker) ||
    (unheard !== undefined && !isTexts(unheard))
  )
    throw new ReplicationError(
      'FUNCTION_FAILED',
      `asking the function of the fence to ${action}: its answer makes no sense`,
    )
  return { outcome: known, message, weaker, ...(unheard !== undefined && { unheard }) }
}

type Loose = { readonly [Field in keyof FenceReport]?: unknown }

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')
