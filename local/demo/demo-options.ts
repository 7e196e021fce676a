import { parseArgs } from 'node:util'
import { UsageError } from '../../cli/usage-error.ts'
import { refuseRealAws } from '../aws/named-aws.ts'
import type { WorldOptions } from '../world/world.ts'
import type { ScenarioOptions } from './scenarios/scenario.ts'

export interface DemoOptions {
  /** Absent: the first one. */
  readonly scenario?: string
  readonly list: boolean
  readonly help: boolean
  readonly json: boolean
  readonly keep: boolean
  readonly world: Pick<WorldOptions, 'brokers' | 'secure' | 'version' | 'awsEndpoint'>
  readonly run: ScenarioOptions
}

export const USAGE = `npm run demo [-- scenario] [-- flags]

  --list              name the scenarios
  --json              print one JSON document as the last line of standard output
  --keep              leave the world up, until Ctrl-C
  --records N         records besides the awkward ones (20000)
  --size B            bytes of the value of each (1000)
  --rate R            records a second (as fast as it goes)
  --input FILE        send the lines of a file instead
  --seed N            other records (1)
  --isolation LEVEL   what the poller reads: uncommitted, as Lambda's is taken to, or committed
  --brokers N         1 or 3 brokers in each cluster (1)
  --secure            SASL_SSL with SCRAM, and ACLs
  --kafka VERSION     4.3.1 or 3.9.2 (4.3.1)
  --aws-endpoint URL  another local AWS than the one that would be started`

const FLAGS = {
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false, short: 'h' },
  json: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  secure: { type: 'boolean', default: false },
  records: { type: 'string', default: '20000' },
  size: { type: 'string', default: '1000' },
  rate: { type: 'string' },
  input: { type: 'string' },
  seed: { type: 'string', default: '1' },
  isolation: { type: 'string', default: 'uncommitted' },
  brokers: { type: 'string', default: '1' },
  kafka: { type: 'string', default: '4.3.1' },
  'aws-endpoint': { type: 'string' },
} as const

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })

const numberOf = (flag: string, text: string, least: number): number => {
  const number = Number(text)
  if (text === '' || !Number.isSafeInteger(number) || number < least)
    throw new UsageError(`--${flag} ${text}: a whole number of at least ${least} is wanted`)
  return number
}

const oneOf = <Choice extends string>(flag: string, text: string, choices: readonly Choice[]): Choice => {
  const choice = choices.find((candidate) => candidate === text)
  if (choice === undefined) throw new UsageError(`--${flag} ${text}: ${choices.join(' or ')} is wanted`)
  return choice
}

/** Records larger than this do not fit into a batch, whatever the codec. */
const LARGEST_BYTES = 1_000_000

/** Throws what `isUsageError` knows. */
export const parseDemoOptions = (args: readonly string[]): DemoOptions => {
  const { values, positionals } = parse(args)
  const [scenario, ...others] = positionals
  if (others.length > 0) throw new UsageError(`${positionals.join(' ')}: one scenario at a time`)
  const sizeBytes = numberOf('size', values.size, 0)
  if (sizeBytes > LARGEST_BYTES) throw new UsageError(`--size ${sizeBytes}: at most ${LARGEST_BYTES} fit into a batch`)
  const { input, rate, 'aws-endpoint': awsEndpoint } = values
  if (awsEndpoint !== undefined) refuseRealAws(awsEndpoint)
  return {
    ...(scenario !== undefined && { scenario }),
    list: values.list,
    help: values.help,
    json: values.json,
    keep: values.keep,
    world: {
      brokers: oneOf('brokers', values.brokers, ['1', '3']) === '3' ? 3 : 1,
      secure: values.secure,
      version: oneOf('kafka', values.kafka, ['4.3.1', '3.9.2']),
      ...(awsEndpoint !== undefined && { awsEndpoint }),
    },
    run: {
      records: numberOf('records', values.records, 1),
      sizeBytes,
      seed: numberOf('seed', values.seed, 0),
      secure: values.secure,
      isolation: oneOf('isolation', values.isolation, ['uncommitted', 'committed']),
      ...(rate !== undefined && { recordsPerSecond: numberOf('rate', rate, 1) }),
      ...(input !== undefined && { input }),
    },
  }
}
