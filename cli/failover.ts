import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { connectFailoverDesk } from '../shared/adapters/failover-desk.ts'
import { startDeadline } from '../shared/adapters/running-deadline.ts'
import { loadTopology } from '../shared/config/load-topology.ts'
import { ReplicationError } from '../shared/domain/errors.ts'
import type { Topology } from '../shared/domain/topology/topology.ts'
import { answerer } from './failover-answers.ts'
import { type FailoverArguments, type FailoverCommand, parseFailoverArguments } from './failover-arguments.ts'
import {
  type Connect,
  chooseDirection,
  type Direction,
  directionsOf,
  directionWith,
  newestExecution,
} from './failover-direction.ts'
import { type Followed, followExecution, preflightIn } from './failover-follow.ts'
import { describePreflight, describeReport } from './failover-text.ts'
import { type Prompt, terminalPrompt } from './prompt.ts'
import { StepList } from './step-list.ts'
import { type ExitCode, red, type Terminal, toJson } from './terminal.ts'

/** What is around the command; only tests have others. */
export interface FailoverSurroundings {
  readonly topology: (name: string) => Promise<Topology>
  readonly connect: Connect
  readonly prompt: Prompt
  readonly list: () => StepList
  readonly pause: () => Promise<void>
  /** Calls back when somebody wants to look no longer; returns what forgets that. */
  readonly interrupted: (left: () => void) => () => void
  /** Of a new execution; the account keeps it for 90 days. */
  readonly name: (command: FailoverCommand) => string
}

const LOOK_EVERY_MS = 1_000
const CALL_WITHIN_MS = 20_000

const AROUND: FailoverSurroundings = {
  topology: loadTopology,
  connect: connectFailoverDesk,
  prompt: terminalPrompt,
  list: () => new StepList(),
  pause: () => pause(LOOK_EVERY_MS),
  interrupted: (left) => {
    process.once('SIGINT', left)
    return () => process.off('SIGINT', left)
  },
  name: (command) => `${command}-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomUUID().slice(0, 8)}`,
}

const runAs =
  (command: FailoverCommand) =>
  async (args: readonly string[], terminal: Terminal, around: FailoverSurroundings = AROUND): Promise<ExitCode> => {
    const asked = parseFailoverArguments(command, args)
    const directions = directionsOf(await around.topology(asked.topology), asked.pair, around.connect)
    try {
      return await run(asked, directions, terminal, around)
    } finally {
      for (const { desk } of directions) desk.close()
    }
  }

export const runFailover = runAs('failover')
export const runFailback = runAs('failback')
export const runDrill = runAs('drill')

const run = async (
  asked: FailoverArguments,
  directions: readonly Direction[],
  terminal: Terminal,
  around: FailoverSurroundings,
): Promise<ExitCode> => {
  const { direction, execution } = await begin(asked, directions, terminal, around)
  const again = `npx twinshore ${asked.command} ${asked.pair} --follow ${execution} --topology ${asked.topology}`
  const abort = new AbortController()
  const forget = around.interrupted(() => abort.abort())
  const deps = { deadline: () => startDeadline(CALL_WITHIN_MS), note: terminal.note, left: abort.signal }
  const held = asked.what.kind === 'follow' ? asked.what.answer : undefined
  const { machine } = direction.desk
  const decide = answerer({ ...deps, machine, prompt: around.prompt, by: asked.by, yes: asked.yes, held, again })
  try {
    const follow = { ...deps, desk: direction.desk, list: around.list(), clock: Date, decide, pause: around.pause }
    const followed = await followExecution(execution, follow)
    if (followed.kind !== 'left') return await tell({ asked, direction, execution, followed }, terminal)
    terminal.note(`\nit goes on without you; to follow it again:\n  ${again}`)
    return 1
  } finally {
    forget()
  }
}

const begin = async (
  { what, to, command }: FailoverArguments,
  directions: readonly Direction[],
  terminal: Terminal,
  around: FailoverSurroundings,
): Promise<{ readonly direction: Direction; readonly execution: string }> => {
  const deadline = startDeadline(CALL_WITHIN_MS)
  try {
    if (what.kind === 'follow') {
      const { execution = await newestExecution(directions, deadline) } = what
      return { execution, direction: await directionWith(directions, execution, deadline) }
    }
    const direction = await chooseDirection(directions, to, deadline)
    const execution = around.name(command)
    const { order, desk } = direction
    terminal.note(`${execution}: ${what.wish.mode}, from ${order.from.cluster} to ${order.to.cluster}`)
    for (const { kind } of order.fences)
      if (kind === 'none')
        terminal.note(red(`nothing fences ${order.from.cluster}: who writes to it must be stopped by hand`))
    await desk.machine.start(execution, what.wish, deadline)
    return { direction, execution }
  } finally {
    deadline.end()
  }
}

interface Ended {
  readonly asked: FailoverArguments
  readonly direction: Direction
  readonly execution: string
  readonly followed: Exclude<Followed, { readonly kind: 'left' }>
}

const tell = async (ended: Ended, terminal: Terminal): Promise<ExitCode> => {
  const { asked, followed, execution, direction } = ended
  const deadline = startDeadline(CALL_WITHIN_MS)
  try {
    if (asked.what.kind === 'start' && asked.what.wish.dryRun === true)
      return await tellPreflight(ended, terminal, deadline)
    if (followed.kind === 'broken') {
      const because = `${execution} ended as ${followed.status}: ${followed.cause}; look at it in the Step Functions console of ${direction.order.to.region}, and redrive it`
      if (asked.json) terminal.result(toJson({ pair: asked.pair, execution, outcome: followed.status, because }))
      terminal.note(red(because))
      return 1
    }
    return await tellReport(ended, followed, terminal, deadline)
  } finally {
    deadline.end()
  }
}

type Within = ReturnType<typeof startDeadline>

const tellReport = async (
  { asked, direction, execution }: Ended,
  { outcome, report: place }: Extract<Followed, { readonly kind: 'ended' }>,
  terminal: Terminal,
  deadline: Within,
): Promise<ExitCode> => {
  if (outcome === 'resting') return tellResting(asked, execution, direction, terminal)
  const report = place === undefined ? undefined : await direction.desk.report(place, deadline).catch(told(terminal))
  if (asked.json) terminal.result(toJson({ pair: asked.pair, execution, outcome, place, report }))
  else if (report !== undefined && place !== undefined) terminal.result(describeReport(report, place))
  else
    terminal.result(
      `${execution}: ${outcome}; it has left no report${place === undefined ? '' : ` that can be read: ${place}`}`,
    )
  return outcome === 'done' || outcome === 'drilled' ? 0 : 1
}

/** Nothing was practised, and nothing is wrong: who rehearses both directions by a clock is not woken. */
const tellResting = (
  { json, pair }: FailoverArguments,
  execution: string,
  { order: { from, to } }: Direction,
  terminal: Terminal,
): ExitCode => {
  const because = `${to.cluster} is the active cluster: drills of a failover to it rest until ${from.cluster} is`
  terminal.result(json ? toJson({ pair, execution, outcome: 'resting', because }) : `${execution}: resting; ${because}`)
  return 0
}

/** How it ended is known all the same. */
const told =
  ({ note }: Terminal) =>
  (error: unknown): undefined => {
    if (!(error instanceof ReplicationError)) throw error
    note(red(error.message))
  }

/** It is rolled back by its nature; what it found is what was asked for. */
const tellPreflight = async (
  { asked, direction, execution }: Ended,
  terminal: Terminal,
  deadline: Within,
): Promise<ExitCode> => {
  const records = [...(await direction.desk.ledger.steps(execution, deadline)).values()]
  const preflight = preflightIn(records)
  if (preflight === undefined) {
    const why = records.filter(({ outcome }) => outcome !== 'done').map(({ step, message }) => `${step}: ${message}`)
    terminal.note(red(`it did not come to a preflight: ${why.join('; ')}`))
    if (asked.json) terminal.result(toJson({ pair: asked.pair, execution, passed: false, because: why }))
    return 1
  }
  const { report, hash } = preflight
  terminal.result(
    asked.json
      ? toJson({ pair: asked.pair, execution, passed: report.passed, hash, preflight: report })
      : describePreflight(report, hash),
  )
  return report.passed ? 0 : 1
}
