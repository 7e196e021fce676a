import type { PreflightReport } from './preflight-report.ts'
import { type ReportFacts, recordOf } from './report-facts.ts'

/** What a topic lost: the recovery point. */
export interface TopicLoss {
  readonly topic: string
  readonly records: number
  /** How long the oldest of them had waited when the source was last heard of; absent: nobody knows. */
  readonly lossMs?: number
}

/** `records` absent: nobody knows. */
export interface ReportLoss {
  readonly records?: number
  /** Of what was found out before the step `drain`, or would be lost now. */
  readonly expected: boolean
  /** When the source last told, milliseconds since 1970: what it took after that is lost as well, and counted with its tail. */
  readonly knownAt?: number
  /** The worst first, then those that lost nothing. */
  readonly topics: readonly TopicLoss[]
}

/** As the drain found it; before one, as the preflight expects it. */
export const reportLoss = (
  { records, topics, input }: Pick<ReportFacts, 'records' | 'topics' | 'input'>,
  preflight: PreflightReport | undefined,
): ReportLoss => {
  const found = lossIn(recordOf(records, 'drain')?.data['loss'])
  const { loss: known } = preflight ?? {}
  const loss = found ?? known
  const waited = (topic: string): number | undefined =>
    [...(found?.topics ?? []), ...(known?.topics ?? [])].find((one) => one.topic === topic && one.lagMs !== undefined)
      ?.lagMs
  const lost = (loss?.topics ?? []).map(({ topic, records: count }) => topicLoss(topic, count, waited(topic)))
  const named = new Set(lost.map(({ topic }) => topic))
  const unharmed =
    loss?.records === undefined && lost.length === 0 ? [] : (topics ?? []).filter((topic) => !named.has(topic))
  return {
    ...(loss?.records !== undefined && { records: loss.records }),
    expected: found === undefined,
    ...(input.mode === 'unplanned' && known?.knownAt !== undefined && { knownAt: known.knownAt }),
    topics: [
      ...lost.sort((one, other) => other.records - one.records),
      ...unharmed.map((topic) => topicLoss(topic, 0, 0)),
    ],
  }
}

const topicLoss = (topic: string, records: number, lossMs: number | undefined): TopicLoss => ({
  topic,
  records,
  ...(lossMs !== undefined && { lossMs }),
})

interface FoundLoss {
  readonly records?: number
  readonly topics: readonly { readonly topic: string; readonly records: number; readonly lagMs?: number }[]
}

/** Nobody but the step `drain` writes there. */
const lossIn = (value: unknown): FoundLoss | undefined =>
  typeof value === 'object' && value !== null && 'topics' in value && Array.isArray(value.topics)
    ? (value as FoundLoss)
    : undefined
