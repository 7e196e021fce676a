import { ReplicationError } from '../domain/errors.ts'
import {
  FAILOVER_MODES,
  type FailoverInput,
  type FailoverLimits,
  type Positions,
  readTailChoice,
  type TailChoice,
} from '../domain/failover/failover-input.ts'
import { Fields } from './fields.ts'

const KNOWN = ['mode', 'reason', 'who', 'limits', 'positions', 'tail', 'force', 'approved', 'dryRun']
const LIMITS: readonly (keyof FailoverLimits)[] = ['lagRecords', 'lagSeconds', 'lostRecords']

/** What somebody wrote when starting the execution. Throws `EVENT_MALFORMED` with everything that is wrong with it. */
export const parseFailoverInput = (input: unknown, defaults: { readonly tail: TailChoice }): FailoverInput => {
  const problems: string[] = []
  const fields = new Fields(input, 'input', problems)
  const parsed: FailoverInput = {
    mode: fields.oneOf('mode', FAILOVER_MODES),
    reason: fields.text('reason'),
    who: fields.text('who'),
    limits: limitsIn(input, problems),
    positions: positionsIn(fieldOf(input, 'positions'), problems),
    tail: tailIn(fields.has('tail') ? fieldOf(input, 'tail') : defaults.tail, defaults.tail, problems),
    force: fields.has('force') && fields.flag('force'),
    ...(fields.has('approved') && { approved: fields.text('approved') }),
    ...(fields.has('dryRun') && { dryRun: fields.flag('dryRun') }),
  }
  if (parsed.tail === 'scrape' && parsed.mode !== 'unplanned')
    problems.push(`input.tail: nothing is emptied after a ${parsed.mode} failover, which strands nothing; leave it out`)
  for (const name of namesIn(input)) if (!KNOWN.includes(name)) problems.push(`input.${name} is not known`)
  if (problems.length === 0) return parsed
  throw new ReplicationError('EVENT_MALFORMED', `reading the input of the failover: ${problems.join('; ')}`)
}

const namesIn = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : []

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined

const limitsIn = (input: unknown, problems: string[]): Partial<FailoverLimits> => {
  const limits = fieldOf(input, 'limits') ?? {}
  for (const name of namesIn(limits))
    if (!LIMITS.some((limit) => limit === name)) problems.push(`input.limits.${name} is not known`)
  const written = LIMITS.flatMap((name) => {
    const value = fieldOf(limits, name)
    if (value === undefined) return []
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return [[name, value] as const]
    problems.push(`input.limits.${name} must be a whole number from 0 on`)
    return []
  })
  if (typeof limits !== 'object') problems.push('input.limits must be a JSON object')
  return Object.fromEntries(written)
}

const tailIn = (written: unknown, otherwise: TailChoice, problems: string[]): TailChoice => {
  const read = readTailChoice(written)
  if (read.choice !== undefined) return read.choice
  problems.push(`input.tail: ${read.mistake.reason}; ${read.mistake.remedy}`)
  return otherwise
}

const positionsIn = (value: unknown, problems: string[]): Positions => {
  if (value === undefined) return { kind: 'mapped' }
  const kind = fieldOf(value, 'kind')
  const at = fieldOf(value, 'at')
  const isNamed = kind === 'mapped' || kind === 'earliest' || kind === 'latest'
  if (isNamed && at === undefined) return { kind }
  if (kind === 'timestamp' && typeof at === 'number' && Number.isSafeInteger(at) && at >= 0) return { kind, at }
  problems.push('input.positions must be { kind: mapped, earliest or latest } or { kind: timestamp, at: milliseconds }')
  return { kind: 'mapped' }
}
