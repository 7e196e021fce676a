import { ReplicationError } from '../shared/domain/errors.ts'
import { textHash } from '../shared/domain/failover/approved-text.ts'
import { type GivenUp, type GivenUpScope, giveUpCommand, whatCanBeGivenUp } from '../shared/domain/failover/given-up.ts'
import type { Debt } from '../shared/domain/failover/pending-debts.ts'
import type { TailDesk } from '../shared/usecases/failover/tail-ports.ts'
import type { Clock, Deadline } from '../shared/usecases/ports.ts'
import type { Prompt } from './prompt.ts'
import type { GivingUp, TailArguments } from './tail-arguments.ts'
import { givenUpText } from './tail-text.ts'
import { type ExitCode, red, type Terminal, toJson } from './terminal.ts'

export type AskedGiveUp = TailArguments & { readonly execution: string; readonly giveUp: GivingUp }

/** One way in which the pair can fail over. */
export interface TailDirection {
  /** The cluster that is left. */
  readonly from: string
  readonly desk: TailDesk
}

export interface GiveUpDeps {
  readonly prompt: Prompt
  readonly clock: Clock
  readonly terminal: Terminal
}

/** What an execution owes the cluster that it left, as far as it can be given up. */
interface Owing extends TailDirection {
  readonly what: GivenUpScope
  /** None: its state machine is at it itself. */
  readonly owed: readonly Debt[]
}

/** Writes down that nobody waits any more for what the execution could not do, once somebody has said yes to what that means. */
export const giveUpTail = async (
  asked: AskedGiveUp,
  directions: readonly TailDirection[],
  deadline: Deadline,
  deps: GiveUpDeps,
): Promise<ExitCode> => {
  const { pair, execution, giveUp: wish } = asked
  const owing = await findOwing(asked, directions, deadline)
  const { what, desk } = owing
  const before = await desk.debts.givenUp(execution, what, deadline)
  if (before !== undefined) return tell(asked, 'given-up-before', before, deps)
  deps.terminal.note(meaning(execution, owing))
  const hash = await textHash(JSON.stringify([pair, execution, owing.from, what]))
  if (!(await saysYes(asked, hash, deadline, deps))) return 1
  if ((await owingIn(execution, owing, deadline))?.what !== what) {
    deps.terminal.note(red(`nothing was given up: what ${execution} owes is something else by now; ask again`))
    return 1
  }
  const decision = { what, by: wish.by, reason: wish.reason, at: deps.clock.now() }
  const outcome = await desk.debts.giveUp(execution, decision, deadline)
  const known = outcome === 'given-up' ? decision : await desk.debts.givenUp(execution, what, deadline)
  return tell(asked, outcome, known ?? decision, deps)
}

const findOwing = async (
  asked: AskedGiveUp,
  directions: readonly TailDirection[],
  deadline: Deadline,
): Promise<Owing> => {
  const troubles: string[] = []
  for (const direction of directions)
    try {
      const owing = await owingIn(asked.execution, direction, deadline)
      if (owing !== undefined) return owing
    } catch (error) {
      if (!(error instanceof ReplicationError) || !error.code.startsWith('STATE_')) throw error
      troubles.push(error.message)
    }
  const found = [`it owes nothing, as far as ${asked.pair} tells`, ...troubles].join('; ')
  throw new ReplicationError('CONFIG_INVALID', `looking for what ${asked.execution} still owes: ${found}`)
}

const owingIn = async (
  execution: string,
  { from, desk }: TailDirection,
  deadline: Deadline,
): Promise<Owing | undefined> => {
  const debts = await desk.debts.pending(deadline)
  const { status, lock } = await desk.pair.read(deadline)
  if (debts?.execution !== execution) {
    const parts = (await desk.history.executions(deadline)).get(execution) ?? []
    const isAtIt = lock.holder?.by.endsWith(`:${execution}`) === true
    const isEmptying = parts.some(({ emptyTo }) => emptyTo !== undefined)
    return isAtIt && isEmptying ? { from, desk, what: 'scrape', owed: [] } : undefined
  }
  const what = whatCanBeGivenUp(debts, status)
  if (what !== 'nothing') return { from, desk, what, owed: debts.owed }
  const found = `the choice was ${debts.tail}, which empties nothing: it goes on by itself once that which stops it is gone`
  throw new ReplicationError('CONFIG_INVALID', `giving up what ${execution} owes ${from}: ${found}`)
}

const meaning = (execution: string, { from, what, owed }: Owing): string =>
  what === 'all'
    ? `${execution} still owes ${from}: ${owed.join(', ')}. The pair has failed over since, so that nothing of that is ever done;
given up, nobody waits for it.`
    : `${execution} was to empty ${from} and fill it again. Given up, nothing more is deleted there: what was emptied is filled
again, behind whatever is there by now; what was not stays as it is, with its tail, which is exported all the same. Then
the link back begins. This cannot be taken back.`

const SHORT = 8

/** Nobody is taken to have said yes. */
const saysYes = async (
  { pair, execution, giveUp, topology }: AskedGiveUp,
  hash: string,
  { signal }: Deadline,
  { prompt, terminal }: GiveUpDeps,
): Promise<boolean> => {
  if (giveUp.yes === hash) return true
  if (giveUp.yes !== undefined) terminal.note(red(`--yes is for something else, ${giveUp.yes}`))
  if (!prompt.interactive) {
    terminal.note(
      `nothing was given up; to do it:\n  ${giveUpCommand(pair, execution)} --yes ${hash} --topology ${topology}`,
    )
    return false
  }
  const said = await prompt.ask(`type ${hash.slice(0, SHORT)} to give it up: `, signal)
  if (said === hash.slice(0, SHORT) || said === hash) return true
  terminal.note('nothing was given up')
  return false
}

const tell = (
  { pair, execution, json }: AskedGiveUp,
  outcome: 'given-up' | 'given-up-before',
  decision: GivenUp,
  { terminal }: GiveUpDeps,
): ExitCode => {
  terminal.result(json ? toJson({ pair, execution, outcome, ...decision }) : givenUpText(execution, decision))
  terminal.note(
    outcome === 'given-up'
      ? `the next pass goes on within a minute; an execution that is held: npx twinshore failover ${pair} --retry ${execution}`
      : 'somebody had given it up before; nothing was changed',
  )
  return 0
}
