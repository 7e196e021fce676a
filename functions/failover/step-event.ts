import { ReplicationError } from '../../shared/domain/errors.ts'
import { CLOSING_STEPS, FAILOVER_STEPS } from '../../shared/domain/failover/failover-step.ts'
import {
  type Approved,
  DECISIONS,
  type Decision,
  FAILOVER_ENDINGS,
  type StepCall,
} from '../../shared/domain/failover/step-call.ts'

const STEPS = [...FAILOVER_STEPS, ...CLOSING_STEPS]

/** What the state machine calls with. Throws `EVENT_MALFORMED`: nobody else invokes this function. */
export const stepCallOf = (event: unknown): StepCall => {
  const called: Loose<StepCall> = fieldsOf(event)
  const { step, execution, input, attempt, token, hash, waitsMs, stoppedAt, ending } = called
  const approved = approvedIn(called.approved)
  const known = STEPS.find((one) => one === step)
  if (known === undefined || known === 'gate') throw malformed(`its step is ${JSON.stringify(step)}`)
  if (typeof attempt !== 'number' || !Number.isSafeInteger(attempt) || attempt < 1) throw malformed('it has no attempt')
  const ended = FAILOVER_ENDINGS.find((one) => one === ending)
  const stopped = stoppedIn(stoppedAt)
  return {
    step: known,
    execution: executionIn(execution),
    input,
    attempt,
    ...(typeof token === 'string' && { token }),
    ...(typeof hash === 'string' && { hash }),
    ...(typeof waitsMs === 'number' && { waitsMs }),
    ...(approved !== undefined && { approved }),
    ...(stopped !== undefined && { stoppedAt: stopped }),
    ...(ended !== undefined && { ending: ended }),
    ...(called.decisions !== undefined && { decisions: decisionsIn(called.decisions) }),
  }
}

type Loose<Shape> = { readonly [Field in keyof Shape]?: unknown }

const fieldsOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {})

const executionIn = (value: unknown): StepCall['execution'] => {
  const { name, arn, startedAt }: Loose<StepCall['execution']> = fieldsOf(value)
  if (typeof name !== 'string' || name === '' || typeof arn !== 'string' || typeof startedAt !== 'number')
    throw malformed('it names no execution')
  return { name, arn, startedAt }
}

const stoppedIn = (value: unknown): StepCall['stoppedAt'] => {
  const { step, message }: Loose<NonNullable<StepCall['stoppedAt']>> = fieldsOf(value)
  const known = STEPS.find((one) => one === step)
  return known === undefined ? undefined : { step: known, message: typeof message === 'string' ? message : '' }
}

/** Half an answer is one that approves nothing, and asks nobody again. */
const approvedIn = (value: unknown): StepCall['approved'] => {
  if (value === undefined || value === null) return undefined
  const { hash, by }: Loose<Approved> = fieldsOf(value)
  return { hash: typeof hash === 'string' ? hash : '', by: typeof by === 'string' && by !== '' ? by : 'somebody' }
}

/** For the report: what cannot be read is told as little as it is. One is not always a list of one. */
const decisionsIn = (value: unknown): readonly Decision[] =>
  [value].flat().flatMap((one) => {
    const { do: what, by, at, hash }: Loose<Decision> = fieldsOf(one)
    const known = DECISIONS.find((decision) => decision === what)
    if (known === undefined || typeof at !== 'number') return []
    return [{ do: known, by: typeof by === 'string' ? by : 'unknown', at, ...(typeof hash === 'string' && { hash }) }]
  })

const malformed = (because: string): ReplicationError =>
  new ReplicationError('EVENT_MALFORMED', `reading the call of a step: ${because}`)
