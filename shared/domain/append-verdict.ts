import type { ErrorCode } from './errors.ts'
import { KAFKA_ERROR, kafkaError } from './kafka-errors.ts'

/** What came back for one record batch. */
export type AppendAnswer =
  /** The broker's word; `recordIndex` is the first record it names as the culprit. */
  | {
      readonly kind: 'answered'
      readonly error: number
      readonly baseOffset: bigint
      readonly message: string | undefined
      readonly recordIndex: number | undefined
    }
  /** No word; when `sent`, some or all of the bytes had left us. */
  | { readonly kind: 'lost'; readonly sent: boolean; readonly code: ErrorCode; readonly because: string }

/** What to do with a record batch, when all that were sent before it are placed and nothing else is in flight. */
export type AppendVerdict =
  | { readonly kind: 'placed'; readonly target: bigint }
  | { readonly kind: 'send-again'; readonly code: ErrorCode; readonly because: string }
  | {
      readonly kind: 'cut'
      readonly error: number
      readonly recordIndex: number | undefined
      readonly because: string
    }
  | { readonly kind: 'stop'; readonly code: ErrorCode; readonly because: string }

export const isAcknowledged = (answer: AppendAnswer): boolean =>
  answer.kind === 'answered' && kafkaError(answer.error).meaning === 'acknowledged' && answer.baseOffset >= 0n

/**
 * Whether the batch may be in the log although nobody said so. `behindUnplaced`: a batch before it has no place yet, so
 * that its sequence was bound to be out of order, which is a plain refusal.
 */
export const leavesDoubt = (answer: AppendAnswer, behindUnplaced: boolean): boolean => {
  if (answer.kind === 'lost') return answer.sent
  if (behindUnplaced && answer.error === KAFKA_ERROR.outOfOrderSequence) return false
  const { meaning } = kafkaError(answer.error)
  return meaning === 'maybe-appended' || meaning === 'unknown' || (meaning === 'acknowledged' && answer.baseOffset < 0n)
}

/**
 * Decides about the first batch of a partition that has no place yet. `doubtful` says that an earlier try of the same
 * bytes left doubt: then only an acknowledgement or another try of the same bytes may follow, since a refusal now does
 * not tell what became of the earlier try.
 */
export const judgeAnswer = (answer: AppendAnswer, doubtful: boolean): AppendVerdict => {
  if (answer.kind === 'lost') {
    const { code, because } = answer
    return { kind: code === 'TARGET_UNREACHABLE' ? 'send-again' : 'stop', code, because }
  }
  const { name, meaning, code } = kafkaError(answer.error)
  const because = answer.message === undefined ? name : `${name}, ${answer.message}`
  if (isAcknowledged(answer)) return { kind: 'placed', target: answer.baseOffset }
  if (meaning === 'not-appended' || meaning === 'maybe-appended') return { kind: 'send-again', code, because }
  if (doubtful || meaning === 'unknown' || meaning === 'acknowledged')
    return { kind: 'stop', code: 'APPEND_OUTCOME_UNKNOWN', because }
  if (meaning === 'failed') return { kind: 'stop', code, because }
  return { kind: 'cut', error: answer.error, recordIndex: answer.recordIndex, because }
}
