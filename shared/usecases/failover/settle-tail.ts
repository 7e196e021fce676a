import type { TailChoice } from '../../domain/failover/failover-input.ts'
import {
  figuresForPeople,
  isSettled,
  type TailFigures,
  type TailPart,
  tailFigures,
} from '../../domain/failover/stranded-tail.ts'
import type { Deadline } from '../ports.ts'
import { type CountTailDeps, countTail } from './count-tail.ts'
import { type ExportTailDeps, exportTail } from './export-tail.ts'
import type { FenceAnswer } from './fence-ports.ts'
import { type MergeTailDeps, mergeTail } from './merge-tail.ts'
import { type ScrapeTailDeps, scrapeTail } from './scrape-tail.ts'
import { surveyTail, type TailSurveyDeps } from './survey-tail.ts'

export type TailDeps = TailSurveyDeps &
  CountTailDeps &
  ExportTailDeps &
  MergeTailDeps &
  ScrapeTailDeps & {
    readonly pair: string
    /** As soon as it is known how much there is, and again on every pass. */
    readonly counted: (figures: TailFigures) => void
  }

/**
 * Counts what the old active cluster took and the new one never got, then does with it what was asked for. May be killed
 * anywhere and called again, by one at a time: it goes on where it was.
 */
export const settleTail = (owed: OwedTail, deadline: Deadline, deps: TailDeps): Promise<FenceAnswer> =>
  unlessTimeIsUp(deadline, () => settleAllOfIt(owed, deadline, deps))

interface OwedTail {
  readonly execution: string
  readonly tail: TailChoice
}

const settleAllOfIt = async (
  { execution, tail }: OwedTail,
  deadline: Deadline,
  deps: TailDeps,
): Promise<FenceAnswer> => {
  const found = await surveyTail(execution, { whole: tail === 'scrape' }, deadline, deps)
  const parts = await countTail(execution, found, deadline, deps)
  const figures = tailFigures(parts)
  deps.counted(figures)
  await CHOICES[tail](execution, parts, deadline, deps)
  return { outcome: 'done', message: `${figuresForPeople(figures)}: ${told(tail, execution, deps)}` }
}

/** What time is too short for goes on with the next pass: that is no failure. */
const unlessTimeIsUp = async (deadline: Deadline, settle: () => Promise<FenceAnswer>): Promise<FenceAnswer> => {
  try {
    return await settle()
  } catch (error) {
    if (!deadline.signal.aborted) throw error
    return { outcome: 'again', message: 'there is more of it than one pass takes; it goes on' }
  }
}

type Settle = (execution: string, parts: readonly TailPart[], deadline: Deadline, deps: TailDeps) => Promise<void>

/** Nothing is left to do with it. */
const discardTail: Settle = async (execution, parts, deadline, { ledger }) => {
  for (const part of parts)
    if (!isSettled(part)) await ledger.save(execution, { ...part, settledTo: part.to }, deadline)
}

const CHOICES: Readonly<Record<TailChoice, Settle>> = {
  export: exportTail,
  merge: mergeTail,
  discard: discardTail,
  scrape: scrapeTail,
}

const told = (tail: TailChoice, execution: string, { store, cluster, pair }: TailDeps): string => {
  switch (tail) {
    case 'export':
      return `kept in ${store.place(execution)}, and printed by npx twinshore tail ${pair} ${execution}`
    case 'merge':
      return 'appended to the new active cluster'
    case 'discard':
      return `left on ${cluster}, as was asked for`
    case 'scrape':
      return `kept in ${store.place(execution)}; ${cluster} was emptied, and is filled again with all that the new active cluster has`
  }
}
