import { setTimeout as pause } from 'node:timers/promises'
import { ResponseError } from '@platformatic/kafka'

/** Kafka's numbers for the errors that a poller reacts to. */
export const KAFKA_ERROR = {
  NONE: 0,
  OFFSET_OUT_OF_RANGE: 1,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  COORDINATOR_LOAD_IN_PROGRESS: 14,
  COORDINATOR_NOT_AVAILABLE: 15,
  NOT_COORDINATOR: 16,
  ILLEGAL_GENERATION: 22,
  UNKNOWN_MEMBER_ID: 25,
  REBALANCE_IN_PROGRESS: 27,
  TOPIC_AUTHORIZATION_FAILED: 29,
  GROUP_AUTHORIZATION_FAILED: 30,
  MEMBER_ID_REQUIRED: 79,
  FENCED_INSTANCE_ID: 82,
} as const

/**
 * What the broker answered, errors in it or not: one partition without a leader must not hide the others. Rejects only
 * when there was no answer.
 */
export const answerOf = async <Answer>(call: Promise<Answer>): Promise<Answer> => {
  try {
    return await call
  } catch (error) {
    if (error instanceof ResponseError) return error.response
    throw error
  }
}

/** Rejects when it takes longer. */
export const answerWithin = async <Answer>(answer: Promise<Answer>, ms: number): Promise<Answer> => {
  const answered = new AbortController()
  const late = pause(ms, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`there was no answer within ${ms / 1_000} s`)
  })
  late.catch(() => undefined) // whoever was answered does not wait for it
  try {
    return await Promise.race([answer, late])
  } finally {
    answered.abort()
  }
}
