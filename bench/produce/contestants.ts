import { KAFKAJS_SETTINGS } from './kafkajs.ts'
import { PLATFORMATIC_SETTINGS } from './platformatic.ts'
import { PRODUCER_PERFORMANCE_SETTINGS } from './producer-performance.ts'
import { TWINSHORE_SETTINGS } from './twinshore.ts'

export interface Contestant {
  readonly name: string
  readonly client: 'twinshore' | 'kafkajs' | 'platformatic' | 'ProducerPerformance'
  readonly settings: string
  /** Events, or sends, under way at the same time. */
  readonly atOnce: number
  /**
   * Who may be compared. `in a function`: from the bytes of one event after the other, as a sandbox of Lambda gets them.
   * `at best`: kept busy as the client likes it.
   */
  readonly discipline: 'in a function' | 'at best'
}

export const CONTESTANTS: readonly Contestant[] = [
  {
    name: 'twinshore, in a function',
    client: 'twinshore',
    settings: TWINSHORE_SETTINGS,
    atOnce: 1,
    discipline: 'in a function',
  },
  {
    name: 'kafkajs, in a function',
    client: 'kafkajs',
    settings: KAFKAJS_SETTINGS,
    atOnce: 1,
    discipline: 'in a function',
  },
  {
    name: 'platformatic, in a function',
    client: 'platformatic',
    settings: PLATFORMATIC_SETTINGS,
    atOnce: 1,
    discipline: 'in a function',
  },
  { name: 'twinshore', client: 'twinshore', settings: TWINSHORE_SETTINGS, atOnce: 3, discipline: 'at best' },
  { name: 'kafkajs', client: 'kafkajs', settings: KAFKAJS_SETTINGS, atOnce: 3, discipline: 'at best' },
  { name: 'platformatic', client: 'platformatic', settings: PLATFORMATIC_SETTINGS, atOnce: 3, discipline: 'at best' },
  {
    name: 'ProducerPerformance',
    client: 'ProducerPerformance',
    settings: PRODUCER_PERFORMANCE_SETTINGS,
    atOnce: 1,
    discipline: 'at best',
  },
]

export const contestantNamed = (name: string): Contestant => {
  const found = CONTESTANTS.find((contestant) => contestant.name === name)
  if (found === undefined) throw new RangeError(`there is no contestant ${name}`)
  return found
}
