import { ReplicationError } from '../shared/domain/errors.ts'
import { type TailPart, tailFigures } from '../shared/domain/failover/stranded-tail.ts'
import { TailAccount } from '../shared/domain/failover/tail-account.ts'
import { readTail } from '../shared/usecases/failover/read-tail.ts'
import type { ReadableTails, TailDesk } from '../shared/usecases/failover/tail-ports.ts'
import type { Deadline } from '../shared/usecases/ports.ts'
import { recordLine, recordText } from './legible-record.ts'
import type { ProgressBar } from './progress-bar.ts'
import type { RecordOutput } from './record-output.ts'
import { isWanted, isWantedPlace, type TailArguments } from './tail-arguments.ts'

export type AskedRecords = TailArguments & { readonly execution: string }

/** What an execution stranded, as far as it is asked for, and where its records are. */
export interface AskedTail {
  readonly asked: AskedRecords
  readonly parts: readonly TailPart[]
  readonly desk: TailDesk
}

/** Throws `CONFIG_INVALID` with the executions that there are. */
export const findTail = async (
  asked: AskedRecords,
  desks: readonly TailDesk[],
  deadline: Deadline,
): Promise<AskedTail> => {
  const { execution, pair } = asked
  const known: string[] = []
  const troubles: string[] = []
  for (const desk of desks)
    try {
      const executions = await desk.history.executions(deadline)
      const parts = executions.get(execution)
      if (parts !== undefined) return { asked, desk, parts: partsIn(parts, asked) }
      known.push(...executions.keys())
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error
      troubles.push(error.message)
    }
  const others = known.length === 0 ? 'no failover of the pair has stranded any' : `there are ${known.join(', ')}`
  const doing = `looking for records that ${execution} of ${pair} stranded: ${[others, ...troubles].join('; ')}`
  throw new ReplicationError('CONFIG_INVALID', doing)
}

const partsIn = (parts: readonly TailPart[], asked: AskedRecords): readonly TailPart[] => {
  const wanted = parts.filter(isWantedPlace(asked))
  if (wanted.length > 0) return wanted
  const topics = [...new Set(parts.map(({ topic }) => topic))].sort().join(', ')
  const doing = `looking for records that ${asked.execution} stranded: none were there, but in partitions of ${topics}`
  throw new ReplicationError('CONFIG_INVALID', doing)
}

export interface RecordSink {
  readonly output: RecordOutput
  readonly bar?: ProgressBar
}

/** `read`: all that was asked for. `limit`: so many were wanted. `left`: nobody reads any more. */
export interface Printed {
  readonly end: 'read' | 'limit' | 'left'
  readonly records: number
  readonly account: TailAccount
}

/** Bars are drawn for people, who need no more than this. */
const TELL_EVERY_RECORDS = 1_000

export const totalRecords = ({ parts }: AskedTail): number => Number(tailFigures(parts).records)

/** Prints what is asked for of a tail; holds one piece of it at a time. */
export const printTail = async (
  { asked, parts }: AskedTail,
  store: ReadableTails,
  { output, bar }: RecordSink,
  deadline: Deadline,
): Promise<Printed> => {
  const [textOf, matches] = [asked.json || asked.output !== undefined ? recordLine : recordText, isWanted(asked)]
  const account = new TailAccount(parts)
  let records = 0
  const reading = { execution: asked.execution, parts, wanted: isWantedPlace(asked) }
  for await (const finding of readTail(reading, store, deadline)) {
    account.add(finding)
    if (finding.kind === 'unread' || !matches(finding.record)) continue
    if (records === asked.limit) return { end: 'limit', records, account }
    if ((await output.write(textOf(finding, finding.record))) === 'left') return { end: 'left', records, account }
    records++
    if (records % TELL_EVERY_RECORDS === 0) bar?.advance(TELL_EVERY_RECORDS, `${records} records`)
  }
  return { end: 'read', records, account }
}
