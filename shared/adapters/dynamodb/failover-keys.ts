import { recordName, type StepRecord } from '../../domain/failover/failover-step.ts'
import type { GivenUpScope } from '../../domain/failover/given-up.ts'
import type { Question } from '../../domain/failover/question.ts'
import type { ItemKey } from './item-keys.ts'

const FAILOVER = 'FAILOVER'

export const LOCK_KEY: ItemKey = { pk: FAILOVER, sk: 'lock' }
export const PENDING_KEY: ItemKey = { pk: FAILOVER, sk: 'pending' }

export const STEP_PREFIX = 'step#'
export const BOUNDARY_PREFIX = 'boundary#'

/** What one execution keeps lies together; `execution` is its name. */
export const executionKey = (execution: string): string => `${FAILOVER}#${execution}`

export const stepKey = (execution: string, record: Pick<StepRecord, 'step' | 'attempt'>): ItemKey => ({
  pk: executionKey(execution),
  sk: `${STEP_PREFIX}${recordName(record)}`,
})

/** Of one topic, as it is named on the source. */
export const boundaryKey = (execution: string, topic: string): ItemKey => ({
  pk: executionKey(execution),
  sk: `${BOUNDARY_PREFIX}${topic}`,
})

const GIVEN_UP: Readonly<Record<GivenUpScope, string>> = { scrape: 'given-up', all: 'given-up#all' }

/** Of what it owes and could not do. */
export const givenUpKey = (execution: string, what: GivenUpScope): ItemKey => ({
  pk: executionKey(execution),
  sk: GIVEN_UP[what],
})

export const questionKey = (execution: string, kind: Question['kind']): ItemKey => ({
  pk: executionKey(execution),
  sk: `ask#${kind}`,
})
