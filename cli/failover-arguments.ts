import { parseArgs } from 'node:util'
import {
  type FailoverLimits,
  type FailoverMode,
  type Positions,
  readTailChoice,
  type TailChoice,
} from '../shared/domain/failover/failover-input.ts'
import type { HoldAnswer } from '../shared/domain/failover/step-call.ts'
import type { FailoverWish } from '../shared/usecases/failover/desk-ports.ts'
import { loginName } from './login-name.ts'
import { UsageError } from './usage-error.ts'

export type FailoverCommand = 'failover' | 'failback' | 'drill'

export interface FailoverArguments {
  readonly command: FailoverCommand
  readonly pair: string
  readonly topology: string
  readonly json: boolean
  /** The cluster to go to; absent: the one that is not active. */
  readonly to?: string
  /** Who answers what is asked: somebody who only looks needs no name, and may have none. */
  readonly by: () => string
  /** The hash of a preflight that somebody has read. */
  readonly yes?: string
  readonly what:
    | { readonly kind: 'start'; readonly wish: FailoverWish }
    | {
        readonly kind: 'follow' /** Absent: the one that runs. */
        readonly execution?: string
        readonly answer?: HoldAnswer['do']
      }
}

const OPTIONS = {
  json: { type: 'boolean', default: false },
  unplanned: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  to: { type: 'string' },
  reason: { type: 'string' },
  by: { type: 'string' },
  positions: { type: 'string' },
  tail: { type: 'string' },
  'lag-records': { type: 'string' },
  'lag-seconds': { type: 'string' },
  'lost-records': { type: 'string' },
  yes: { type: 'string' },
  follow: { type: 'string' },
  retry: { type: 'string' },
  'roll-back': { type: 'string' },
  end: { type: 'string' },
  topology: { type: 'string', default: 'local' },
} as const

export const parseFailoverArguments = (command: FailoverCommand, args: readonly string[]): FailoverArguments => {
  const { values, positionals } = parseArgs({ args: withNewest(args), allowPositionals: true, options: OPTIONS })
  const [pair, ...others] = positionals
  if (pair === undefined || others.length > 0) throw new UsageError(`${command} takes the name of one pair`)
  const { topology, json, to, yes } = values
  const by = () => values.by ?? loginName()
  const what = followedIn(values) ?? ({ kind: 'start', wish: wishIn(command, values, by) } as const)
  const answers = yes !== undefined || (what.kind === 'follow' && what.answer !== undefined)
  if (answers) by() // before anything is connected
  return {
    ...{ command, pair, topology, json, by },
    ...(to !== undefined && { to }),
    ...(yes !== undefined && { yes: hashIn(yes) }),
    what,
  }
}

const NEWEST = 'newest'

/** What goes on with an execution may leave its name out. */
const withNewest = (args: readonly string[]): string[] =>
  args.flatMap((arg, at) => {
    const next = args[at + 1]
    const isBare = arg.startsWith('--') && arg.slice(2) in FOLLOWS && (next === undefined || next.startsWith('--'))
    return isBare ? [arg, NEWEST] : [arg]
  })

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

const FOLLOWS = { follow: undefined, retry: 'retry', 'roll-back': 'rollback', end: 'end' } as const

const followedIn = (values: Values): FailoverArguments['what'] | undefined => {
  const asked = (['follow', 'retry', 'roll-back', 'end'] as const).filter((name) => values[name] !== undefined)
  const [name, ...others] = asked
  if (name === undefined) return undefined
  const isStart = (['reason', 'positions', 'tail'] as const).some((one) => values[one] !== undefined)
  if (others.length > 0 || isStart || values['dry-run'] || values.unplanned || values.force)
    throw new UsageError(`--${name} goes on with an execution: it takes --yes, --by, --to, --json and --topology alone`)
  const answer = FOLLOWS[name]
  const execution = values[name] ?? NEWEST
  return {
    kind: 'follow',
    ...(execution !== NEWEST && { execution }),
    ...(answer !== undefined && { answer }),
  }
}

const wishIn = (command: FailoverCommand, values: Values, by: () => string): FailoverWish => {
  const { unplanned, force, positions, tail, yes } = values
  const dryRun = values['dry-run']
  if (unplanned && command !== 'failover')
    throw new UsageError(`--unplanned is for failover: a ${command} needs both clusters`)
  if (force && (values.reason ?? '').trim() === '')
    throw new UsageError('--force takes a --reason, which the report will tell')
  if (tail === 'scrape' && !unplanned)
    throw new UsageError(
      '--tail scrape is for --unplanned: nothing else strands records, so that nothing has to be emptied',
    )
  const limits = limitsIn(values)
  return {
    mode: modeOf(command, unplanned),
    reason: reasonIn(command, values),
    who: by(),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(positions !== undefined && { positions: positionsIn(positions) }),
    ...(tail !== undefined && { tail: tailIn(tail) }),
    ...(force && { force }),
    ...(yes !== undefined && { approved: hashIn(yes) }),
    ...(dryRun && { dryRun }),
  }
}

const modeOf = (command: FailoverCommand, unplanned: boolean): FailoverMode => {
  if (command === 'failover') return unplanned ? 'unplanned' : 'planned'
  return command
}

const reasonIn = (command: FailoverCommand, { reason, 'dry-run': dryRun }: Values): string => {
  if (reason !== undefined && reason.trim() !== '') return reason
  if (command === 'drill') return 'a drill'
  if (dryRun) return 'a look at what stands in the way'
  throw new UsageError(`${command} takes a --reason, which the report will tell`)
}

const hashIn = (text: string): string => {
  if (/^[0-9a-f]{32}$/.test(text)) return text
  throw new UsageError('--yes takes the whole hash of a preflight, as --dry-run prints it')
}

const NAMED = ['mapped', 'earliest', 'latest'] as const

const positionsIn = (text: string): Positions => {
  const kind = NAMED.find((name) => name === text)
  if (kind !== undefined) return { kind }
  const at = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(at)) return { kind: 'timestamp', at }
  throw new UsageError('--positions takes mapped, earliest, latest, or a time with its zone as in 2026-05-03T10:00:00Z')
}

const tailIn = (text: string): TailChoice => {
  const read = readTailChoice(text)
  if (read.choice !== undefined) return read.choice
  throw new UsageError(`--tail: ${read.mistake.reason}; ${read.mistake.remedy}`)
}

const LIMITS = { 'lag-records': 'lagRecords', 'lag-seconds': 'lagSeconds', 'lost-records': 'lostRecords' } as const

const limitsIn = (values: Values): Partial<FailoverLimits> =>
  Object.fromEntries(
    (['lag-records', 'lag-seconds', 'lost-records'] as const).flatMap((name) => {
      const text = values[name]
      if (text === undefined) return []
      if (/^\d{1,15}$/.test(text)) return [[LIMITS[name], Number(text)]]
      throw new UsageError(`--${name} takes a whole number`)
    }),
  )
