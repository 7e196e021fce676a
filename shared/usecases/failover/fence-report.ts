import type { FenceAnswer } from './fence-ports.ts'

/** What several fences answered, together. */
export interface FenceReport {
  readonly outcome: FenceAnswer['outcome']
  readonly message: string
  /** What the proof does not show, for people. */
  readonly weaker: readonly string[]
  /** Where clients could not be told yet, since the region of the old active cluster does not answer. */
  readonly unheard?: readonly string[]
}

const WORST_FIRST = ['refused', 'again', 'done'] as const

/** As good as the worst of them; of those that are not done only the messages matter. */
export const fenceReport = (answers: readonly FenceAnswer[]): FenceReport => {
  const outcome = WORST_FIRST.find((one) => answers.some((answer) => answer.outcome === one)) ?? 'done'
  const telling = answers.filter((answer) => answer.outcome === outcome)
  return {
    outcome,
    message: telling.map(({ message }) => message).join('; '),
    weaker: [...new Set(answers.flatMap(({ weaker }) => weaker ?? []))],
  }
}
