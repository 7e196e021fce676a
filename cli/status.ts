import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { loadTopology } from '../shared/config/load-topology.ts'
import {
  JUDGED_ALARMS,
  JUDGED_FAILOVER_ALARMS,
  UNKNOWN_ALARMS,
  UNKNOWN_FAILOVER_ALARMS,
} from '../shared/domain/lag/link-verdict.ts'
import type { Invoke } from './asking.ts'
import { findLink } from './deployed-link.ts'
import { type Beside, besidesOf, statusesOf } from './status-answer.ts'
import { describeStatus, isWell } from './status-text.ts'
import { type ExitCode, type Terminal, toJson } from './terminal.ts'

/** Lines that a terminal shows whole. */
const wrapped = (text: string): string => text.replace(/(.{1,110})(?: |$)/g, '\n  $1').trimStart()

export const STATUS_USAGE = `twinshore status [link...] [--watch] [--json] [--topology NAME]

Prints one line a link: how many records are not replicated and how long the oldest of them has been waiting, how long until
retention on the source takes one of them, what a failover at this instant would lose and what consumer groups would read
again, and whether the source answers; below, which alarms would be on, and what is lost or in quarantine. It is the deployed
functions that look, now; they change nothing. Without a link: all.

  --watch           again every ten seconds (passes and racks once a minute), until it is interrupted
  --json            one JSON document on standard output, with --watch one a line
  --topology NAME   the file in infra/topologies/ (default: local)

Exit codes: 0 all is well; 1 when an alarm would fire, or somebody who was asked does not answer.

Judged from what is known now (an alarm itself may wait for some minutes of it, and those of what happens once are told for an
hour):
  ${wrapped([...JUDGED_ALARMS, ...JUDGED_FAILOVER_ALARMS].join(', '))}.

Not judged:
${[...UNKNOWN_ALARMS, ...UNKNOWN_FAILOVER_ALARMS].map(({ alarms, because }) => `  ${wrapped(alarms.join(', '))}\n    ${because}`).join('\n')}

Examples
  npx twinshore status
  npx twinshore status west-east --watch --topology self-managed-pair
  npx twinshore status --json | jq '.links[] | {link, records: .lag.records, alarms, gaps: .accounts.link}'`

const EVERY_MS = 10_000
/** How many rounds of `--watch` the passes and the racks are as old as. */
const BESIDES_EVERY = 6
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
  let besides: readonly Beside[] = []
  for (let round = 0; ; round++) {
    const asking = { terminal: round === 0 ? terminal : quiet, invoke }
    if (round % BESIDES_EVERY === 0) besides = await besidesOf(links, known.pairs, asking)
    const statuses = await statusesOf(links, besides, asking)
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
