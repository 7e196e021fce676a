import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOCAL_CREDENTIALS, type LocalAws, startAws } from '../../local/aws/aws.ts'
import { clientSettings } from '../../local/aws/deployed-stack.ts'
import { LOCAL_ACCOUNT } from '../../local/aws/gateway/mapping-configuration.ts'
import { createLinkTable } from '../../local/aws/link-table.ts'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { failoverPairState } from '../../shared/adapters/dynamodb/failover-pair-state.ts'
import { failoverPending } from '../../shared/adapters/dynamodb/failover-pending.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { tailLedger } from '../../shared/adapters/dynamodb/tail-ledger.ts'
import { createS3Client } from '../../shared/adapters/s3/s3-client.ts'
import { s3TailStore } from '../../shared/adapters/s3/tail-store.ts'
import { loadTopology } from '../../shared/config/load-topology.ts'
import { initialStatus } from '../../shared/domain/head.ts'
import { failoverBucketName, failoverMachineName, tableName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { inTime } from '../support/in-time.ts'

const CLI = join(import.meta.dirname, '../../cli/twinshore.ts')
const { pairs } = await loadTopology('self-managed-pair')
const PAIR = pairs[0]?.name ?? 'none'
const EXECUTION = 'failover-of-a-test'
const ORDERS = { topic: 'orders', partition: 0, incarnation: 'life' }
/** More than a pipe holds. */
const [PIECES, RECORDS_OF_A_PIECE] = [8, 500]
const RECORDS = PIECES * RECORDS_OF_A_PIECE

let folder: string
let aws: LocalAws

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-tail-command-'))
  aws = await startAws({ folder })
  for (const link of pairs[0]?.links ?? []) await deploy(link)
})
afterAll(async () => {
  await aws?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** What the stacks of a direction make, as far as the command meets it; along one of them something was stranded. */
const deploy = async (link: Link): Promise<void> => {
  const settings = clientSettings(aws.url, link.target.region)
  const dynamoDb = createDynamoDbClient(settings)
  const s3 = createS3Client({ ...settings, forcePathStyle: true })
  const machines = new SFNClient(settings)
  try {
    const [table, bucket] = [tableName(link), failoverBucketName(link, LOCAL_ACCOUNT)]
    await createLinkTable(dynamoDb, table)
    await s3.send(new CreateBucketCommand({ Bucket: bucket }))
    const definition = JSON.stringify({ StartAt: 'End', States: { End: { Type: 'Succeed' } } })
    const roleArn = `arn:aws:iam::${LOCAL_ACCOUNT}:role/any`
    await machines.send(new CreateStateMachineCommand({ name: failoverMachineName(link), definition, roleArn }))
    if (link.target.name !== 'dublin') return
    const to = BigInt(RECORDS)
    const counted = { to, records: to, bytes: to }
    const part = { ...ORDERS, from: 0n, first: 0n, to, gone: 0n, settledTo: to, counted }
    const linkTable = new LinkTable({ client: dynamoDb, name: table })
    await tailLedger(linkTable).save(EXECUTION, part, inTime())
    await owe(linkTable, link)
    for (let piece = 0; piece < PIECES; piece++) await s3TailStore(s3, bucket).keep(EXECUTION, pieceOf(piece), inTime())
  } finally {
    for (const client of [dynamoDb, s3, machines]) client.destroy()
  }
}

/** As a failover leaves it that has promoted, and whose old active cluster was to be emptied. */
const owe = async (table: LinkTable, { initialMode }: Link): Promise<void> => {
  const initial = initialStatus(initialMode)
  const [pair, by, epoch] = [failoverPairState(table, initial), `arn:of:the:machine:${EXECUTION}`, 1]
  const holder = { by, purpose: 'failover', phase: 'acting', since: 0 } as const
  await pair.acquire({ holder, epoch, from: { reserved: 0 } }, inTime())
  const debts = { execution: EXECUTION, epoch, tail: 'scrape', since: 0, owed: ['reverse'] } as const
  expect(await failoverPending(table).owe(by, debts, inTime())).toBe('owed')
  expect(await pair.setStatus(holder, initial, { mode: 'stopped', role: 'active', epoch }, inTime())).toBe('changed')
  await pair.release(by, inTime())
}

const pieceOf = (piece: number) => {
  const [from, to] = [piece, piece + 1].map((at) => at * RECORDS_OF_A_PIECE) as [number, number]
  const records = Array.from({ length: to - from }, (_, at) => ({
    ...{ offset: BigInt(from + at), timestamp: 1_000, key: Buffer.from(`key ${from + at}`) },
    ...{ value: Buffer.alloc(100, 'v'), headers: [] },
  }))
  return { ...ORDERS, from: BigInt(from), to: BigInt(to), records, gone: false }
}

const environment = () => ({
  ...process.env,
  ...LOCAL_CREDENTIALS,
  ...{ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: aws.url, NO_COLOR: '1' },
})

const argumentsOf = (args: readonly string[]) => [CLI, 'tail', PAIR, ...args, '--topology', 'self-managed-pair']

const tail = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const options = { env: environment(), maxBuffer: 1 << 26 }
    execFile(process.execPath, argumentsOf(args), options, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })

describe('twinshore tail, on a local AWS', () => {
  it('lists what was stranded, with the command that reads it', async () => {
    const { code, out, err } = await tail()
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(new RegExp(`^${EXECUTION} +ohio +orders +1 +4 000 +4 000 +0 +all of it$`, 'm'))
    expect(out).toContain(`npx twinshore tail ${PAIR} ${EXECUTION}`)
  })

  it('prints every record through a pipe', async () => {
    const { code, out, err } = await tail(EXECUTION, '--json')
    expect({ code, err }).toEqual({ code: 0, err: `${RECORDS} records are in standard output\n` })
    const offsets = out
      .trimEnd()
      .split('\n')
      .map((line) => Number(JSON.parse(line).offset))
    expect(offsets).toEqual(Array.from({ length: RECORDS }, (_, at) => at))
  })

  it('ends quietly when nobody reads any more', async () => {
    const child = spawn(process.execPath, argumentsOf([EXECUTION]), {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let told = ''
    child.stderr.on('data', (part) => {
      told += part
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect({ code, told }).toEqual({ code: 1, told: '' })
  })

  it('writes a file, and no second time', async () => {
    const file = join(folder, 'stranded.ndjson')
    expect(await tail(EXECUTION, '--output', file)).toMatchObject({ code: 0, out: '' })
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(RECORDS + 1)
    const again = await tail(EXECUTION, '--output', file)
    expect(again).toMatchObject({ code: 2, out: '' })
    expect(again.err).toContain('is there already')
  })

  it('gives up what is owed for whoever said yes first, of two at a time, and lists who it was', async () => {
    const giveUp = (...args: readonly string[]) => tail(EXECUTION, '--give-up', '--reason', 'the fence leaks', ...args)
    const asked = await giveUp()
    expect(asked).toMatchObject({ code: 1, out: '' })
    expect(asked.err).toContain(`${EXECUTION} was to empty ohio and fill it again`)
    const [, hash = ''] = /--yes ([0-9a-f]{32}) --topology self-managed-pair$/m.exec(asked.err) ?? []
    const both = await Promise.all(['ana', 'ben'].map((by) => giveUp('--yes', hash, '--by', by, '--json')))
    const told = both.map(({ out }) => JSON.parse(out))
    expect(told.map(({ outcome }) => outcome).sort()).toEqual(['given-up', 'given-up-before'])
    expect(new Set(told.map(({ by, at }) => `${by} ${at}`)).size).toBe(1)
    expect((await tail()).out).toMatch(
      new RegExp(`^${EXECUTION}: given up by ${told[0].by}, .*: the fence leaks$`, 'm'),
    )
  })

  it('names what there is when it is asked for another execution', async () => {
    const { code, err } = await tail('another')
    expect(code).toBe(1)
    expect(err).toContain(`there are ${EXECUTION}`)
  })
})
