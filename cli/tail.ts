import { startDeadline } from '../shared/adapters/running-deadline.ts'
import { connectTailDesk } from '../shared/adapters/tail-desk.ts'
import { loadTopology } from '../shared/config/load-topology.ts'
import { asReplicationError, ReplicationError } from '../shared/domain/errors.ts'
import type { FailoverLink, FailoverOrder } from '../shared/domain/failover/failover-order.ts'
import type { Topology } from '../shared/domain/topology/topology.ts'
import { strandedTails } from '../shared/usecases/failover/stranded-tails.ts'
import type { TailDesk } from '../shared/usecases/failover/tail-ports.ts'
import type { Clock, Deadline } from '../shared/usecases/ports.ts'
import { ordersOf } from './failover-direction.ts'
import { ProgressBar, type ProgressStream } from './progress-bar.ts'
import { type Prompt, terminalPrompt } from './prompt.ts'
import { fileOutput, type RecordOutput, streamOutput } from './record-output.ts'
import { parseTailArguments, type TailArguments } from './tail-arguments.ts'
import { giveUpTail, type TailDirection } from './tail-give-up.ts'
import { type AskedRecords, type AskedTail, findTail, type Printed, printTail, totalRecords } from './tail-records.ts'
import { describeTails, type ListedTail } from './tail-text.ts'
import { type ExitCode, red, type Terminal, toJson } from './terminal.ts'

/** What is around the command; only tests have others. */
export interface TailSurroundings {
  readonly topology: (name: string) => Promise<Topology>
  readonly connect: (link: FailoverLink) => TailDesk
  readonly records: () => RecordOutput
  readonly prompt: Prompt
  readonly clock: Clock
  /** Where the progress of writing a file is shown. */
  readonly progress: ProgressStream
}

const AROUND: TailSurroundings = {
  topology: loadTopology,
  connect: connectTailDesk,
  records: () => streamOutput(process.stdout),
  prompt: terminalPrompt,
  clock: Date,
  progress: process.stderr,
}

/** A tail is as large as an outage was long. */
const READ_WITHIN_MS = 12 * 3_600_000

interface Direction {
  readonly order: FailoverOrder
  readonly desk: TailDesk
}

export const runTail = async (
  args: readonly string[],
  terminal: Terminal,
  around: TailSurroundings = AROUND,
): Promise<ExitCode> => {
  const asked = parseTailArguments(args)
  const orders = ordersOf(await around.topology(asked.topology), asked.pair)
  const directions = orders.map((order) => ({ order, desk: around.connect(order.forward) }))
  const deadline = startDeadline(READ_WITHIN_MS)
  try {
    const { execution, giveUp } = asked
    if (execution !== undefined && giveUp !== undefined)
      return await giveUpTail({ ...asked, execution, giveUp }, directions.map(tailDirection), deadline, {
        ...around,
        terminal,
      })
    if (execution === undefined) return await list(asked, directions, terminal, deadline)
    const desks = directions.map(({ desk }) => desk)
    const tail = await findTail({ ...asked, execution }, desks, deadline)
    return tell(await print(tail, around, terminal, deadline), tail.asked, terminal)
  } finally {
    deadline.end()
    for (const { desk } of directions) desk.close()
  }
}

const tailDirection = ({ order, desk }: Direction): TailDirection => ({ from: order.from.cluster, desk })

/** A region that does not answer does not hide what the other one has. */
const list = async (
  { pair, json }: TailArguments,
  directions: readonly Direction[],
  terminal: Terminal,
  deadline: Deadline,
): Promise<ExitCode> => {
  const tails: ListedTail[] = []
  const troubles: string[] = []
  for (const { order, desk } of directions)
    try {
      const [from, to] = [order.from.cluster, order.to.cluster]
      tails.push(...(await strandedTails(deadline, desk)).map((tail) => ({ from, to, ...tail })))
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error
      troubles.push(`what was stranded on ${order.from.cluster} is not known: ${error.message}`)
    }
  terminal.result(json ? toJson({ pair, tails, troubles }) : describeTails(pair, tails))
  for (const trouble of troubles) terminal.note(red(trouble))
  const isUnsound = tails.some(({ topics }) => topics.some(({ kept }) => kept === 'incomplete'))
  return isUnsound || troubles.length > 0 ? 1 : 0
}

interface Told extends Printed {
  readonly place: string
  readonly troubles: readonly string[]
}

const print = async (
  tail: AskedTail,
  around: TailSurroundings,
  terminal: Terminal,
  deadline: Deadline,
): Promise<Told> => {
  const store = await tail.desk.store(deadline)
  const { output: file } = tail.asked
  const output = file === undefined ? around.records() : await fileOutput(file)
  const bar = file === undefined ? undefined : new ProgressBar(totalRecords(tail), around.progress)
  const printed = await printTail(tail, store, { output, ...(bar && { bar }) }, deadline).catch(async (error) => {
    await leave(output, terminal)
    throw error
  })
  bar?.end()
  const troubles = printed.end === 'read' ? printed.account.troubles : []
  return { ...printed, troubles, place: await output.close(troubles.length === 0) }
}

/** What went wrong before is what somebody has to know: what goes wrong now is only told beside it. */
const leave = async (output: RecordOutput, terminal: Terminal): Promise<void> => {
  try {
    await output.close(false)
  } catch (error) {
    terminal.note(red(asReplicationError(error, 'closing what was written so far').message))
  }
}

const tell = ({ end, records, place, troubles, account }: Told, asked: AskedRecords, terminal: Terminal): ExitCode => {
  if (end === 'left') return 1
  terminal.note(`${records} records are in ${place}`)
  if (end === 'limit') terminal.note('there are more: it ended at --limit, and nothing was compared')
  if (troubles.length === 0) return 0
  const nothing = `nothing that ${asked.execution} stranded is kept: it was merged, discarded or removed`
  for (const line of account.isNothing ? [nothing] : troubles) terminal.note(red(line))
  return 1
}
