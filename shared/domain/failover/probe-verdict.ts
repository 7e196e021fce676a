import { KAFKA_ERROR, kafkaError } from '../kafka-errors.ts'

/** Whether somebody may write to a topic, by what brokers said to a batch that none of them can append. */
export type ProbeVerdict =
  | { readonly kind: 'refused' }
  /** `said`: for people; what a broker said about the batch, and so had nothing against the writer. */
  | { readonly kind: 'may-write'; readonly said: string }
  /** Nobody can tell now. */
  | { readonly kind: 'unclear'; readonly because: string }

/** Of Kafka's error numbers, those that come about before a broker looks at rights, or instead of it. */
const SAYS_NOTHING_OF_RIGHTS: ReadonlySet<number> = new Set([
  -1, // UNKNOWN_SERVER_ERROR
  7, // REQUEST_TIMED_OUT
  13, // NETWORK_EXCEPTION
  35, // UNSUPPORTED_VERSION
  42, // INVALID_REQUEST
  89, // THROTTLING_QUOTA_EXCEEDED
])

/** Every answer but the one refusal counts as leave to write: a fence is never proved by what is not understood. */
export const probeVerdict = (broker: number, error: number): ProbeVerdict => {
  if (error === KAFKA_ERROR.topicDenied) return { kind: 'refused' }
  const said = `${kafkaError(error).name} by broker ${broker}`
  if (SAYS_NOTHING_OF_RIGHTS.has(error)) return { kind: 'unclear', because: said }
  return { kind: 'may-write', said }
}

/** Of several brokers: one that lets somebody write is enough, and one that cannot be asked may be such a one. */
export const strictest = (verdicts: readonly ProbeVerdict[]): ProbeVerdict =>
  verdicts.find(({ kind }) => kind === 'may-write') ??
  verdicts.find(({ kind }) => kind === 'unclear') ??
  verdicts[0] ?? { kind: 'unclear', because: 'the cluster names no broker' }
