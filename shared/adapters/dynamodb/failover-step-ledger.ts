import { isDeepStrictEqual } from 'node:util'
import {
  CLOSING_STEPS,
  FAILOVER_STEPS,
  recordName,
  type StepAnswer,
  type StepRecord,
} from '../../domain/failover/failover-step.ts'
import type { RememberedStep, StepLedger } from '../../usecases/failover/failover-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { executionKey, STEP_PREFIX, stepKey } from './failover-keys.ts'
import { type LinkTable, namesIn } from './link-table.ts'
import { type Item, integer, optional, StoredItem, text } from './stored-item.ts'

const itIsNotDoneYet = '(attribute_not_exists(#pk) OR #outcome <> :done)'

/** What executions did, in the table of their forward link. */
export const failoverStepLedger = (table: LinkTable): StepLedger => ({
  steps: (execution, deadline) => steps(table, execution, deadline),
  remember: (execution, record, deadline) => remember(table, execution, record, deadline),
})

const steps = async (
  table: LinkTable,
  execution: string,
  deadline: Deadline,
): Promise<ReadonlyMap<string, StepRecord>> => {
  const isStepOfIt = '#pk = :pk AND begins_with(#sk, :step)'
  const input = {
    KeyConditionExpression: isStepOfIt,
    ExpressionAttributeNames: namesIn(isStepOfIt),
    ExpressionAttributeValues: { ':pk': text(executionKey(execution)), ':step': text(STEP_PREFIX) },
  }
  const found = new Map<string, StepRecord>()
  for await (const items of table.query(input, `reading the steps of the failover ${execution}`, deadline))
    for (const record of items.map(parseStep)) found.set(recordName(record), record)
  return found
}

const remember = async (
  table: LinkTable,
  execution: string,
  record: RememberedStep,
  deadline: Deadline,
): Promise<'remembered' | 'kept'> => {
  const { change, values } = changeTo(record)
  const condition = { where: itIsNotDoneYet, values: { ...values, ':done': text('done') } }
  const doing = `remembering the step ${record.step} of the failover ${execution}`
  const outcome = await table.set(stepKey(execution, record), change, condition, doing, deadline)
  if (outcome.written) return 'remembered'
  if (outcome.stored === undefined) return 'kept'
  const stored = parseStep(outcome.stored)
  return isDeepStrictEqual(stored, { ...record, data: record.data ?? stored.data }) ? 'remembered' : 'kept'
}

const OURS = ['step', 'attempt', 'outcome', 'message', 'startedAt', 'endedAt', 'calls'] as const

/** All but the facts of a call that tells none: then those stay that another one has left. */
const changeTo = ({
  data,
  answered,
  ...record
}: RememberedStep): { readonly change: string; readonly values: Item } => {
  const facts = data === undefined ? 'if_not_exists(#facts, :facts)' : ':facts'
  const set = [...OURS.map((name) => `#${name} = :${name}`), `#facts = ${facts}`]
  return {
    change: answered === undefined ? `${set.join(', ')} REMOVE #answered` : `${set.join(', ')}, #answered = :answered`,
    values: {
      ':step': text(record.step),
      ':attempt': integer(record.attempt),
      ':outcome': text(record.outcome),
      ':message': text(record.message),
      ':startedAt': integer(record.startedAt),
      ':endedAt': integer(record.endedAt),
      ':calls': integer(record.calls),
      ...optional(':answered', answered && text(JSON.stringify(answered))),
      ':facts': text(JSON.stringify(data ?? {})),
    },
  }
}

const parseStep = (item: Item): StepRecord => {
  const stored = new StoredItem(item)
  return {
    step: stored.oneOf('step', [...FAILOVER_STEPS, ...CLOSING_STEPS]),
    attempt: stored.number('attempt'),
    outcome: stored.oneOf('outcome', ['done', 'again', 'refused', 'failed']),
    message: stored.text('message'),
    startedAt: stored.number('startedAt'),
    endedAt: stored.number('endedAt'),
    calls: stored.number('calls'),
    ...(stored.has('answered') && { answered: answeredIn(stored) }),
    data: objectIn(stored, 'facts'),
  }
}

const objectIn = (stored: StoredItem, name: string): Record<string, unknown> => {
  const json = stored.text(name)
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return stored.refuse(name, 'a JSON object')
}

const answeredIn = (stored: StoredItem): NonNullable<StepAnswer['data']> => {
  const entries = Object.entries(objectIn(stored, 'answered')).map(([name, value]) => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return [name, value] as const
    return stored.refuse('answered', 'texts, numbers and flags')
  })
  return Object.fromEntries(entries)
}
