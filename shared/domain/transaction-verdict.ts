import type { ErrorCode } from './errors.ts'
import { KAFKA_ERROR, kafkaError } from './kafka-errors.ts'

/** What a coordinator's answer asks for. An answer, unlike silence, says that nothing was done unless it is `done`. */
export type TransactionVerdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly elsewhere: boolean; readonly because: string }
  | { readonly kind: 'stop'; readonly code: ErrorCode; readonly because: string }

const ANOTHER_BROKER = new Set<number>([KAFKA_ERROR.coordinatorNotAvailable, KAFKA_ERROR.notCoordinator])
/** The transaction before is still being ended, or a coordinator still reads its log. */
const LATER = new Set<number>([
  KAFKA_ERROR.coordinatorLoading,
  KAFKA_ERROR.concurrentTransactions,
  KAFKA_ERROR.unstableOffsetCommit,
])
const FENCED = new Set<number>([KAFKA_ERROR.invalidProducerEpoch, KAFKA_ERROR.producerFenced])
const TAKEN_OVER = 'another invocation has taken the partition over, or the transaction took longer than it may'

export const judgeTransaction = (error: number): TransactionVerdict => {
  if (error === KAFKA_ERROR.none) return { kind: 'done' }
  const { name, meaning, code } = kafkaError(error)
  if (ANOTHER_BROKER.has(error)) return { kind: 'again', elsewhere: true, because: name }
  if (LATER.has(error)) return { kind: 'again', elsewhere: false, because: name }
  if (FENCED.has(error)) return { kind: 'stop', code: 'CHECKPOINT_MOVED', because: `${name}: ${TAKEN_OVER}` }
  return { kind: 'stop', code: meaning === 'unknown' ? 'TRANSACTION_BROKEN' : code, because: name }
}
