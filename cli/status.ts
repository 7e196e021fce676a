import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { DeployedFunction } from '../shared/adapters/lambda/function-invocation.ts'
import { loadTopology } from '../shared/config/load-topology.ts'
import { measureLagName, stackName } from '../shared/domain/link-names.ts'
import { type Link, placementOf } from '../shared/domain/topology/topology.ts'
import { type Answer, askAll, type Invoke, unreadable } from './asking.ts'
import { findLink } from './deployed-link.ts'
import { hasLists } from './pass-text.ts'
import { describeStatus, isWell, type LinkStatusAnswer } from './status-text.ts'
import { type ExitCode, type Terminal, toJson } from './terminal.ts'

export const STATUS_USAGE = `twinshore status [link...] [--watch] [--json] [--topology NAME]

Prints one line a link: how many records are not replicated and how long the oldest of them has been waiting, how long until
retention on the source takes one of them, what a failover at this instant would lose and what consumer groups would read
again, and whether the source answers. It is the deployed functions that look, now; they change nothing. Without a link: all.

  --watch           again every ten seconds, until it is interrupted
  --json            one JSON document on standard output, with --watch one a line
  --topology NAME   the file in infra/topologies/ (default: local)

Exit codes: 0 all is well; 1 when an alarm would fire, or a link does not answer.

Examples
  npx twinshore status
  npx twinshore status west-east --watch --topology self-managed-pair
  npx twinshore status --json | jq '.links[] | {link, records: .lag.records, alarms}'`

/** A sample with groups takes seconds; the rest is for a cold start in a network. */
const ANSWERS_WITHIN_MS = 70_000
const EVERY_MS = 10_000
const CLEARED = '\u001b[H\u001b[2J\u001b[3J'

/** Where `--watch` draws. */
export interface Screen {
  readonly isTTY: boolean
  /** Resolves to whether to go on. */
  rest(ms: number): Promise<boolean>
}

const screen: Screen = { isTTY: process.stdout.isTTY, rest: (ms) => pause(ms, true) }

export const runStatus = async (
  args: readonly string[],
  terminal: Terminal,
  invoke?: Invoke,
  on: Screen = screen,
): Promise<ExitCode> => {
  const { names, watch, json, topology } = parseStatusArguments(args)
  const known = await loadTopology(topology)
  const links = names.length === 0 ? known.links : names.map((name) => findLink(known, name))
  const quiet: Terminal = { ...terminal, note: () => undefined }
  for (let round = 0; ; round++) {
    const statuses = await statusesOf(links, round === 0 ? terminal : quiet, invoke)
    const text = json ? toJson({ well: statuses.every(isWell), links: statuses }) : describeStatus(statuses)
    terminal.result(watch && on.isTTY && !json ? `${CLEARED}${text}` : text)
    if (!watch || !(await on.rest(EVERY_MS))) return statuses.every(isWell) ? 0 : 1
  }
}

const parseStatusArguments = (args: readonly string[]) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      watch: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      topology: { type: 'string', default: 'local' },
    },
  })
  return { ...values, names: positionals }
}

const canaryOf = (link: Link): DeployedFunction => ({
  region: placementOf(link).region,
  name: measureLagName(link),
  stack: stackName(link, 'watch'),
  answersWithinMs: ANSWERS_WITHIN_MS,
})

const statusesOf = async (
  links: readonly Link[],
  terminal: Terminal,
  invoke: Invoke | undefined,
): Promise<readonly LinkStatusAnswer[]> => {
  const answers = await askAll(links.map(canaryOf), { mode: 'status' }, terminal, invoke)
  return links.flatMap((link, at) => {
    const answer = answers[at]
    return answer === undefined ? [] : [statusOf(link, answer)]
  })
}

const LISTS = ['topics', 'worst', 'alarms', 'troubles'] as const

const statusOf = (link: Link, answer: Answer): LinkStatusAnswer => {
  const { name } = link
  if (answer.kind === 'failed') return { link: name, error: answer.error.message }
  if (hasLists(answer.answer, LISTS)) return answer.answer as LinkStatusAnswer
  return { link: name, error: unreadable(canaryOf(link), 'status of a link').message }
}
