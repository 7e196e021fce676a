import { parseArgs } from 'node:util'
import type { LogRecord } from '../shared/domain/log-record.ts'
import type { PartitionId } from '../shared/domain/record.ts'
import { loginName } from './login-name.ts'
import { UsageError } from './usage-error.ts'

export const TAIL_USAGE = `twinshore tail <pair> [EXECUTION] [--topic T [--partition P]] [--key K] [--from-offset N] [--limit N]
               [--output FILE] [--json] [--topology NAME]
twinshore tail <pair> EXECUTION --give-up --reason TEXT [--by NAME] [--yes HASH] [--json] [--topology NAME]

Prints what an unplanned failover left behind: the records that the old active cluster had taken and the new one never got,
exported to S3 once that cluster was met again. Without an execution it lists all failovers of the pair that stranded
records, in both directions, and how much of them is kept. With one it prints its records, by topic, partition and offset,
and compares what it reads with what was counted on the cluster: what is missing or damaged is told.

Keys, values and headers are printed as text where they are text, and as base64 where not.

  --topic T         records of this topic only, as it is named on the old active cluster
  --partition P     records of this partition only, together with --topic
  --key K           records whose key is this text
  --from-offset N   records from this offset on
  --limit N         ends after so many records; then nothing is compared
  --output FILE     into a new file, as lines of JSON, which is whole once no FILE.part is there any more
  --json            lines of JSON, one a record: {topic, partition, incarnation, offset, timestamp, key, value, headers: [[name,
                    value]...]}, with {"base64": "..."} for what is no text, and null; the list: one JSON document
  --topology NAME   the file in infra/topologies/ (default: local)
  --give-up         what --tail scrape could not do (TAIL_LEFT, TARGET_REWOUND, TOPIC_REFUSED) is given up: nothing more is
                    deleted on the old cluster, what was emptied is filled again behind whatever is there by now, what was
                    not stays as it is, and the link back begins. Where the pair has failed over since: all that is owed.
                    Says what that means and asks first; it cannot be taken back
  --reason TEXT     why it is given up, to be remembered with --by NAME (default: the name of your login)
  --yes HASH        yes, beforehand: as it is printed where nobody can be asked

Exit codes: 0 all that was stranded is there and was read; 1 when something is missing, damaged or still to be exported, or a
region does not answer.

Examples
  npx twinshore tail west-east
  npx twinshore tail west-east failover-20260503T100000Z-1a2b3c4d
  npx twinshore tail west-east failover-20260503T100000Z-1a2b3c4d --topic orders --key customer-17 --json | jq .value
  npx twinshore tail west-east failover-20260503T100000Z-1a2b3c4d --give-up --reason 'the app that wrote is off'
  npx twinshore tail west-east failover-20260503T100000Z-1a2b3c4d --output stranded.ndjson --topology self-managed-pair`

/** Somebody's wish to give up what an execution owes. */
export interface GivingUp {
  readonly by: string
  readonly reason: string
  /** The hash of what was shown. */
  readonly yes?: string
}

export interface TailArguments {
  readonly pair: string
  /** Absent: all are listed. */
  readonly execution?: string
  readonly topic?: string
  readonly partition?: number
  readonly key?: string
  readonly fromOffset?: bigint
  readonly limit?: number
  readonly output?: string
  /** Absent: it only looks. */
  readonly giveUp?: GivingUp
  readonly json: boolean
  readonly topology: string
}

const OPTIONS = {
  json: { type: 'boolean', default: false },
  topic: { type: 'string' },
  partition: { type: 'string' },
  key: { type: 'string' },
  'from-offset': { type: 'string' },
  limit: { type: 'string' },
  output: { type: 'string' },
  'give-up': { type: 'boolean', default: false },
  reason: { type: 'string' },
  by: { type: 'string' },
  yes: { type: 'string' },
  topology: { type: 'string', default: 'local' },
} as const

/** Throws a `UsageError`. */
export const parseTailArguments = (args: readonly string[]): TailArguments => {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS })
  const [pair, execution, ...others] = positionals
  if (pair === undefined || others.length > 0)
    throw new UsageError('tail takes the name of one pair, and of one execution')
  const { json, topology, topic, partition, key, 'from-offset': from, limit, output } = values
  const choices = [topic, partition, key, from, limit, output].filter((choice) => choice !== undefined)
  const giveUp = givingUpIn(values)
  if (giveUp !== undefined && choices.length > 0)
    throw new UsageError('--give-up takes --reason, --by, --yes, --json and --topology alone')
  if (execution === undefined && (choices.length > 0 || giveUp !== undefined))
    throw new UsageError('the records of which execution? Name it after the pair; without one all are listed')
  if (partition !== undefined && topic === undefined) throw new UsageError('--partition goes together with --topic')
  return {
    ...{ pair, json, topology },
    ...(execution !== undefined && { execution }),
    ...(topic !== undefined && { topic }),
    ...(partition !== undefined && { partition: Number(wholeNumber('partition', partition)) }),
    ...(key !== undefined && { key }),
    ...(from !== undefined && { fromOffset: wholeNumber('from-offset', from) }),
    ...(limit !== undefined && { limit: Number(wholeNumber('limit', limit)) }),
    ...(output !== undefined && { output }),
    ...(giveUp !== undefined && { giveUp }),
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

const givingUpIn = (flags: Values): GivingUp | undefined => {
  const { reason = '', by, yes } = flags
  if (!flags['give-up']) {
    if ([flags.reason, flags.by, yes].some((one) => one !== undefined))
      throw new UsageError('--reason, --by and --yes go together with --give-up')
    return undefined
  }
  if (reason.trim() === '') throw new UsageError('--give-up takes a --reason, which is remembered')
  return { by: by ?? loginName(), reason, ...(yes !== undefined && { yes }) }
}

const wholeNumber = (flag: string, text: string): bigint => {
  if (/^\d{1,19}$/.test(text)) return BigInt(text)
  throw new UsageError(`--${flag} takes a whole number`)
}

/** Of which partitions records are wanted at all. */
export const isWantedPlace =
  ({ topic, partition }: TailArguments) =>
  (place: PartitionId): boolean =>
    (topic === undefined || place.topic === topic) && (partition === undefined || place.partition === partition)

export const isWanted =
  ({ key, fromOffset }: TailArguments) =>
  (record: Pick<LogRecord, 'offset' | 'key'>): boolean =>
    (fromOffset === undefined || record.offset >= fromOffset) &&
    (key === undefined || (record.key !== null && Buffer.from(key).equals(record.key)))
