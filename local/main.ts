import { fork } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isUsageError, UsageError } from '../cli/usage-error.ts'
import type { LocalName } from '../infra/topologies/local.ts'
import { refuseRealAws } from './aws/named-aws.ts'
import { type KeeperNews, type KeeperOrder, STAY } from './world/keeper-order.ts'
import { namesOfWorlds, removeWorld, stateOfWorld, worldFolder } from './world/kept-world.ts'
import { DEFAULT_NAME, pasteLines, type WorldDescription } from './world/world-description.ts'
import { tellStderr } from './world/world-progress.ts'

const HELP = `npm run local [-- options]          brings a world up and leaves it up in the background
npm run local -- down [options]     ends it and removes its data

  --name NAME           which world; several live side by side (default: ${DEFAULT_NAME})
  --topics A,B          what is replicated, /PATTERN/ among them (default: orders); topics that are
                        named are made, those that a pattern matches follow when you make them
  --brokers 3           three brokers in each cluster instead of one
  --secure              SASL_SSL with SCRAM-SHA-512, and ACLs
  --aws-endpoint URL    deploy to this AWS (LocalStack, for one) instead of starting one
  --json                print where everything is as one JSON document
  --all                 with down: all worlds
  --help                this text

In a world are two real Kafka clusters and a local AWS with the deployed stacks; records that are written to the
topics of the source appear on the target. Its data is in .worlds/NAME. Worlds of more clusters come from
npm run demo -- --keep.
`

const options = {
  name: { type: 'string', default: DEFAULT_NAME },
  topics: { type: 'string', default: 'orders' },
  brokers: { type: 'string', default: '1' },
  secure: { type: 'boolean', default: false },
  'aws-endpoint': { type: 'string' },
  json: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const parse = (args: string[]) => parseArgs({ args, options, allowPositionals: true })
type Values = ReturnType<typeof parse>['values']

const nameOf = (written: string): LocalName => {
  const pattern = /^\/(.+)\/$/.exec(written)?.[1]
  return pattern === undefined ? written : { pattern }
}

const orderOf = ({ name, topics, brokers, secure, 'aws-endpoint': awsEndpoint }: Values): KeeperOrder => {
  if (brokers !== '1' && brokers !== '3') throw new UsageError(`--brokers ${brokers}: 1 or 3`)
  if (awsEndpoint !== undefined) refuseRealAws(awsEndpoint)
  const size: 1 | 3 = brokers === '3' ? 3 : 1
  const options = { brokers: size, secure, topics: topics.split(',').map(nameOf), ...(awsEndpoint && { awsEndpoint }) }
  return { name, options }
}

/** Resolves when the world is up. Until then the keeper ends with this process, afterwards it stays. */
const startKeeper = async (folder: string, order: KeeperOrder): Promise<WorldDescription> => {
  await mkdir(folder, { recursive: true })
  const log = openSync(join(folder, 'keeper.log'), 'a')
  const keeper = fork(join(import.meta.dirname, 'world/keeper.ts'), [folder, JSON.stringify(order)], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  const description = await new Promise<WorldDescription>((resolve, reject) => {
    keeper.on('message', (news: KeeperNews) => {
      if (news.kind === 'progress') tellStderr(news.step, news.what)
      if (news.kind === 'up') resolve(news.description)
      if (news.kind === 'failed') reject(new Error(news.reason))
    })
    keeper.once('exit', () =>
      reject(new Error(`bringing ${order.name} up: its keeper ended, see ${folder}/keeper.log`)),
    )
  })
  keeper.send(STAY)
  keeper.unref()
  return description
}

const up = async (values: Values): Promise<void> => {
  const folder = worldFolder(values.name)
  const order = orderOf(values)
  const state = await stateOfWorld(folder)
  if (state.kind === 'starting') throw new Error(`bringing ${values.name} up: process ${state.keeper} is at it already`)
  if (state.kind === 'left-over') await removeWorld(folder)
  const description = state.kind === 'up' ? state.description : await startKeeper(folder, order)
  const text = values.json ? JSON.stringify(description, undefined, 2) : pasteLines(description)
  process.stdout.write(`${text}\n`)
}

const down = async ({ name, all }: Values): Promise<void> => {
  for (const one of all ? await namesOfWorlds() : [name]) {
    const removed = await removeWorld(worldFolder(one))
    process.stderr.write(removed ? `${one} is removed\n` : `there is no world ${one}\n`)
  }
}

const run = async (): Promise<void> => {
  const { values, positionals } = parse(process.argv.slice(2))
  const [command = 'up', ...more] = positionals
  if (values.help) process.stdout.write(HELP)
  else if (command === 'up' && more.length === 0) await up(values)
  else if (command === 'down' && more.length === 0) await down(values)
  else throw new UsageError(`${positionals.join(' ')} is not a command`)
}

// A mistake is for the user to read: the message without a stack trace.
await run().catch((error: unknown) => {
  const why = error instanceof Error ? error.message : String(error)
  process.stderr.write(isUsageError(error) ? `${why}; see npm run local -- --help\n` : `${why}\n`)
  process.exitCode = isUsageError(error) ? 2 : 1
})
