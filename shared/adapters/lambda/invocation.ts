import { ReplicationError } from '../../domain/errors.ts'
import type { AwsPlace } from '../../domain/secret-reference.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { startDeadline } from '../running-deadline.ts'

/** What the part of Lambda's context is that matters here. */
export interface InvocationContext {
  readonly awsRequestId: string
  readonly invokedFunctionArn: string
  getRemainingTimeInMillis(): number
}

/** Left to telling what was done. */
const ANSWER_MARGIN_MS = 2_000

/** What one invocation asks for, until `deadline`; `connected` lives as long as the sandbox, and `id` is the invocation's own. */
export type Perform<Task, Deps, Answer> = (
  task: Task,
  deadline: Deadline,
  connected: Deps,
  id: string,
) => Promise<Answer>

/** A function that understands its event before it connects, connects once, and ends before Lambda ends it. */
export const createFunction = <Task, Deps, Answer>(
  taskOf: (event: unknown) => Task,
  connect: (place: AwsPlace) => Deps,
  perform: Perform<Task, Deps, Answer>,
) => {
  let connected: Deps | undefined
  return async (event: unknown, context: InvocationContext): Promise<Answer> => {
    const task = taskOf(event)
    connected ??= connect(placeOf(context))
    const deadline = startDeadline(Math.max(0, context.getRemainingTimeInMillis() - ANSWER_MARGIN_MS))
    try {
      return await perform(task, deadline, connected, context.awsRequestId)
    } finally {
      deadline.end()
    }
  }
}

const placeOf = ({ invokedFunctionArn }: InvocationContext): AwsPlace => {
  const [, partition = 'aws', , region = '', account = ''] = invokedFunctionArn.split(':')
  return { partition, region, account }
}

export type PassMode = 'plan' | 'apply'

/** An event without a mode is the schedule's. Throws `EVENT_MALFORMED`. */
export const passModeOf = (event: unknown): PassMode => {
  const mode = modeOf(event)
  if (mode === 'plan' || mode === 'apply') return mode
  throw unknownMode(mode, 'plan and apply')
}

export const modeOf = (event: unknown): unknown =>
  typeof event === 'object' && event !== null && 'mode' in event ? event.mode : 'apply'

export const unknownMode = (mode: unknown, known: string): ReplicationError =>
  new ReplicationError(
    'EVENT_MALFORMED',
    `reading the event: its mode is ${JSON.stringify(mode)}, and there are ${known}`,
  )
