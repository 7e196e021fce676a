import { type ErrorCode, ReplicationError } from '../errors.ts'
import { giveUpCommand } from './given-up.ts'

/** What is to be emptied and filled again. */
export interface Scraping {
  readonly pair: string
  /** The name of the execution that asked for it. */
  readonly execution: string
}

/** An error is a line of a log, and an answer of a function. */
const MOST_TOLD = 30

/** Says all that keeps a cluster from being emptied or filled again, and how whoever reads it gets on. */
export const scrapeRefusal = (
  code: ErrorCode,
  doing: string,
  found: readonly string[],
  { pair, execution }: Scraping,
): ReplicationError => {
  const more = found.length > MOST_TOLD ? [`and ${found.length - MOST_TOLD} more like that`] : []
  const what = [...found.slice(0, MOST_TOLD), ...more].join('; ')
  const wayOn = `mend it, or let the link back begin with all as it is now: ${giveUpCommand(pair, execution)}`
  return new ReplicationError(code, `${doing}: ${what}; ${wayOn}`)
}
