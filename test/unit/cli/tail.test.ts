import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RecordOutput } from '../../../cli/record-output.ts'
import { runTail } from '../../../cli/tail.ts'
import { UsageError } from '../../../cli/usage-error.ts'
import { loadTopology } from '../../../shared/config/load-topology.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import type { FailoverLink } from '../../../shared/domain/failover/failover-order.ts'
import type { PendingDebts } from '../../../shared/domain/failover/pending-debts.ts'
import { newTail } from '../../../shared/domain/failover/stranded-tail.ts'
import type { LinkStatus } from '../../../shared/domain/head.ts'
import type { TailHistory } from '../../../shared/usecases/failover/tail-ports.ts'
import { FakeFailoverTable } from '../../fakes/failover-table.ts'
import { FakeTailLedger } from '../../fakes/tail-ledger.ts'
import { FakeTailStore } from '../../fakes/tail-store.ts'
import { loseLoginName, restoreLoginName } from '../../support/login.ts'
import { EXECUTION, PARTITIONS, StrandedWorld, stranded } from '../../support/stranded-world.ts'

const topology = await loadTopology('self-managed-pair')
const PAIR = topology.pairs[0]?.name ?? 'none'
const [ORDERS_0, ORDERS_1, CUSTOMERS] = PARTITIONS as [
  (typeof PARTITIONS)[0],
  (typeof PARTITIONS)[0],
  (typeof PARTITIONS)[0],
]

const PROMOTED: LinkStatus = { mode: 'stopped', role: 'active', epoch: 1 }

let results: string[]
let notes: string[]
let printed: string[]
let folder: string
let world: StrandedWorld
let closed: number
/** What failovers to ohio have left. */
let other: { history: TailHistory; store: FakeTailStore }
let tables: Record<'dublin' | 'ohio', FakeFailoverTable>
let typed: string[] | undefined
let takes: number
let closing: () => Promise<string>

const terminal = { result: (text: string) => void results.push(text), note: (text: string) => void notes.push(text) }

beforeEach(async () => {
  ;[results, notes, printed] = [[], [], []]
  closed = 0
  closing = async () => 'standard output'
  takes = Number.POSITIVE_INFINITY
  folder = await mkdtemp(join(tmpdir(), 'twinshore-tail-'))
  other = { history: new FakeTailLedger(), store: new FakeTailStore() }
  tables = { dublin: new FakeFailoverTable({ status: PROMOTED }), ohio: new FakeFailoverTable({ status: PROMOTED }) }
  typed = undefined
  world = new StrandedWorld()
  world.replicate(ORDERS_0, 'one')
  world.replicate(ORDERS_1, 'two')
  world.replicate(CUSTOMERS, 'three')
  world.strand(ORDERS_0, 'late 1', 'late 2')
  world.strand(ORDERS_1, 'late 3')
  world.source.append(CUSTOMERS, { ...stranded('late 4'), value: Buffer.from([255]) })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const records = (): RecordOutput => ({
  write: async (text) => {
    if (printed.length >= takes) return 'left'
    printed.push(text)
    return 'written'
  },
  close: () => closing(),
})

const around = () => ({
  topology: async () => topology,
  connect: ({ order }: FailoverLink) => {
    const isOther = order.link.target.name === 'ohio'
    const { history, store } = isOther ? other : { history: world.ledger, store: world.store }
    const table = tables[isOther ? 'ohio' : 'dublin']
    return { history, debts: table, pair: table, store: async () => store, close: () => void closed++ }
  },
  records,
  clock: { now: () => Date.UTC(2026, 4, 3) },
  prompt: { interactive: typed !== undefined, ask: async () => typed?.shift() ?? '' },
  progress: { write: (text: string) => notes.push(text) },
})

const tail = (...args: readonly string[]) => runTail([PAIR, ...args], terminal, around())

describe('twinshore tail, without an execution', () => {
  it('says so when nothing was stranded, and ends with 0', async () => {
    expect(await tail()).toBe(0)
    expect(results).toEqual([expect.stringContaining('no failover of')])
    expect(closed).toBe(2)
  })

  it('lists what was stranded, and how it is read', async () => {
    await world.settle('export')
    expect(await tail()).toBe(0)
    expect(results[0]).toMatch(/^first +ohio +customers +1 +1 +\d+ +0 +all of it$/m)
    expect(results[0]).toMatch(/^ +orders +2 +3 +\d+ +0 +all of it$/m)
    expect(results[0]).toContain(
      `npx twinshore tail ${PAIR} first\n    prints the records that are kept in s3://bucket`,
    )
  })

  it('names no command for what is not kept', async () => {
    await world.settle('discard')
    expect(await tail()).toBe(0)
    expect(results[0]).toMatch(/nothing: merged, discarded or removed$/m)
    expect(results[0]).not.toContain('npx')
  })

  it('is one document of JSON', async () => {
    await world.settle('export')
    expect(await tail('--json')).toBe(0)
    const { tails, troubles } = JSON.parse(results[0] ?? '')
    expect(troubles).toEqual([])
    expect(tails).toMatchObject([
      {
        from: 'ohio',
        to: 'dublin',
        execution: EXECUTION,
        topics: [{ topic: 'customers', records: '1' }, { kept: 'whole' }],
      },
    ])
  })

  it('ends with 1 when pieces are missing', async () => {
    await world.settle('export')
    world.store.kept.delete([...world.store.kept.keys()][0] ?? '')
    expect(await tail()).toBe(1)
    expect(results[0]).toContain('pieces are missing')
  })

  it('tells what one region has although the other one does not answer', async () => {
    await world.settle('export')
    const executions = () => Promise.reject(new ReplicationError('STATE_UNREACHABLE', 'reading the stranded tails'))
    other.history = { executions }
    expect(await tail()).toBe(1)
    expect(results[0]).toContain('first')
    expect(notes.join()).toContain('what was stranded on dublin is not known: STATE_UNREACHABLE')
    expect(await tail(EXECUTION)).toBe(0)
    expect(await tail('second').catch((error: Error) => error.message)).toMatch(/there are first; STATE_UNREACHABLE/)
  })
})

describe('twinshore tail, with an execution', () => {
  beforeEach(async () => {
    await world.settle('export')
  })

  it('prints every record for people, and ends with 0', async () => {
    expect(await tail(EXECUTION)).toBe(0)
    expect(printed).toHaveLength(4)
    expect(printed.join('\n')).toContain(
      'orders-0 offset 2, 1970-01-01T00:00:01.000Z\n  key    "key of late 2"\n  header "own" = null\n  value  "late 2"',
    )
    expect(printed.join('\n')).toContain('value  base64 /w==')
    expect(notes).toEqual(['4 records are in standard output'])
    expect(results).toEqual([])
  })

  it('prints lines of JSON', async () => {
    expect(await tail(EXECUTION, '--json', '--topic', 'customers')).toBe(0)
    expect(printed.map((line) => JSON.parse(line))).toEqual([
      {
        ...{ topic: 'customers', partition: 0, incarnation: 'life-1', offset: '1', timestamp: 1_000 },
        ...{ key: 'key of late 4', value: { base64: '/w==' }, headers: [['own', null]] },
      },
    ])
  })

  it.each<[readonly string[], readonly string[]]>([
    [
      ['--topic', 'orders'],
      ['late 1', 'late 2', 'late 3'],
    ],
    [['--topic', 'orders', '--partition', '1'], ['late 3']],
    [['--key', 'key of late 2'], ['late 2']],
    [['--topic', 'orders', '--from-offset', '2'], ['late 2']],
    [
      ['--topic', 'orders', '--limit', '2'],
      ['late 1', 'late 2'],
    ],
    [
      ['--topic', 'orders', '--limit', '3'],
      ['late 1', 'late 2', 'late 3'],
    ],
  ])('prints what is asked for: %s', async (flags, expected) => {
    expect(await tail(EXECUTION, '--json', ...flags)).toBe(0)
    expect(printed.map((line) => JSON.parse(line).value)).toEqual(expected)
    expect(notes.join()).toMatch(
      flags.at(-1) === '2' && flags.includes('--limit') ? /nothing was compared/ : /^\d records are/,
    )
  })

  it('writes a file, which has its name once it is whole', async () => {
    const file = join(folder, 'out.ndjson')
    expect(await tail(EXECUTION, '--output', file)).toBe(0)
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(4)
    expect(notes.at(-1)).toBe(`4 records are in ${file}`)
    await expect(tail(EXECUTION, '--output', file)).rejects.toThrow(UsageError)
  })

  it('ends with 1, names what is missing, and leaves the file unfinished', async () => {
    const [key = ''] = world.store.kept.keys()
    world.store.damaged.add(key)
    const file = join(folder, 'out.ndjson')
    expect(await tail(EXECUTION, '--output', file)).toBe(1)
    expect(await readdir(folder)).toEqual(['out.ndjson.part'])
    expect(notes.join()).toMatch(/cannot be read: TAIL_DAMAGED/)
  })

  it('leaves the file unfinished when the bucket does not answer any more', async () => {
    world.store.reachable = false
    await expect(tail(EXECUTION, '--output', join(folder, 'out'))).rejects.toMatchObject({ code: 'TAIL_UNREACHABLE' })
    expect(await readdir(folder)).toEqual(['out.part'])
    expect(closed).toBe(2)
  })

  it('tells first what went wrong, although closing goes wrong as well', async () => {
    world.store.reachable = false
    closing = () => Promise.reject(new ReplicationError('OUTPUT_UNWRITABLE', 'writing what is left'))
    await expect(tail(EXECUTION)).rejects.toMatchObject({ code: 'TAIL_UNREACHABLE' })
    expect(notes.join()).toContain('writing what is left')
  })

  it('says in one line when nothing of it is kept', async () => {
    world.store.kept.clear()
    expect(await tail(EXECUTION)).toBe(1)
    expect(notes.filter((note) => note.includes('is kept: it was merged, discarded or removed'))).toHaveLength(1)
    expect(notes).toHaveLength(2)
  })

  it('ends when nobody reads any more', async () => {
    takes = 1
    expect(await tail(EXECUTION)).toBe(1)
    expect(printed).toHaveLength(1)
    expect(notes).toEqual([])
  })

  it.each([
    [['second'], 'there are first'],
    [[EXECUTION, '--topic', 'nothing'], 'but in partitions of customers, orders'],
  ])('names what there is: %s', async (args, words) => {
    await expect(tail(...args)).rejects.toThrow(words)
  })
})

describe('twinshore tail --give-up', () => {
  const WHY = ['--give-up', '--reason', 'the app that wrote is off', '--by', 'ana'] as const
  const owe = (changes: Partial<PendingDebts> = {}) => {
    const debts = { execution: EXECUTION, epoch: 1, tail: 'scrape', since: 0, owed: ['reverse'], ...changes } as const
    tables.dublin.debts = debts
  }
  const hashTold = (): string => /--yes ([0-9a-f]{32}) --topology local$/.exec(notes.join('\n'))?.[1] ?? ''

  it('says what it means, and gives nothing up that nobody has said yes to', async () => {
    owe()
    expect(await tail(EXECUTION, ...WHY)).toBe(1)
    expect(notes.join('\n')).toContain(
      'first was to empty ohio and fill it again. Given up, nothing more is deleted there',
    )
    expect(hashTold()).toHaveLength(32)
    expect(await tail(EXECUTION, ...WHY, '--yes', 'f'.repeat(32))).toBe(1)
    expect(notes.join('\n')).toContain('--yes is for something else')
    typed = ['no', '']
    for (const _ of ['no', 'nothing']) expect(await tail(EXECUTION, ...WHY)).toBe(1)
    expect(results).toEqual([])
    expect(await tables.dublin.givenUp(EXECUTION, 'scrape')).toBeUndefined()
  })

  it.each(['typed', 'beforehand'])('remembers who gave it up and why, once it was said yes to: %s', async (how) => {
    owe()
    await tail(EXECUTION, ...WHY)
    const hash = hashTold()
    if (how === 'typed') typed = [hash.slice(0, 8)]
    expect(await tail(EXECUTION, ...WHY, ...(how === 'typed' ? [] : ['--yes', hash]))).toBe(0)
    const decision = { what: 'scrape', by: 'ana', reason: 'the app that wrote is off', at: Date.UTC(2026, 4, 3) }
    expect(await tables.dublin.givenUp(EXECUTION, 'scrape')).toEqual(decision)
    expect(await tables.ohio.givenUp(EXECUTION, 'scrape')).toBeUndefined()
    expect(results).toEqual([
      'first: given up by ana, 2026-05-03 00:00:00Z, that its cluster is emptied: the app that wrote is off',
    ])
    expect(notes.at(-1)).toContain('the next pass goes on within a minute')
    expect(await tail(EXECUTION, '--give-up', '--reason', 'me too', '--by', 'ben', '--json')).toBe(0)
    expect(JSON.parse(results.at(-1) ?? '')).toEqual({
      pair: PAIR,
      execution: EXECUTION,
      outcome: 'given-up-before',
      ...decision,
    })
    expect(await tables.dublin.givenUp(EXECUTION, 'scrape')).toEqual(decision)
  })

  it('lists it beside what was stranded', async () => {
    await world.settle('export')
    for (const what of ['scrape', 'all'] as const)
      await tables.dublin.giveUp(EXECUTION, { what, by: 'ana', reason: 'the app that wrote is off', at: 0 })
    expect(await tail()).toBe(0)
    expect(results[0]).toContain('first: given up by ana, 1970-01-01 00:00:00Z, that its cluster is emptied: the app')
    expect(results[0]).toContain('first: given up by ana, 1970-01-01 00:00:00Z, all that it owed: the app')
  })

  it('lists it where nothing was stranded', async () => {
    const part = newTail({ topic: 'orders', partition: 0, incarnation: 'life-1' }, { from: 3n, start: 0n, to: 3n })
    const history = new FakeTailLedger()
    await history.save('second', part)
    other = { ...other, history }
    await tables.ohio.giveUp('second', { what: 'scrape', by: 'ana', reason: 'the app that wrote is off', at: 0 })
    expect(await tail('--json')).toBe(0)
    const { tails } = JSON.parse(results[0] ?? '')
    expect(tails).toMatchObject([{ execution: 'second', topics: [], givenUp: [{ by: 'ana' }] }])
  })

  it('writes nothing down where the pair has failed over since it was asked', async () => {
    owe()
    await tail(EXECUTION, ...WHY)
    typed = [hashTold().slice(0, 8)]
    const { read } = tables.dublin
    let reads = 0
    tables.dublin.read = async () => {
      const { lock, status } = await read.call(tables.dublin)
      return { lock, status: reads++ === 0 ? status : { ...status, epoch: 2, role: 'standby' } }
    }
    expect(await tail(EXECUTION, ...WHY)).toBe(1)
    expect(reads).toBe(2)
    expect(notes.at(-1)).toContain('nothing was given up: what first owes is something else by now')
    for (const what of ['scrape', 'all'] as const) expect(await tables.dublin.givenUp(EXECUTION, what)).toBeUndefined()
  })

  it('gives up all that is owed where the pair has failed over since', async () => {
    owe({ tail: 'export', owed: ['fence', 'tail'], epoch: 0 })
    await tail(EXECUTION, ...WHY)
    expect(notes.join('\n')).toContain('first still owes ohio: fence, tail. The pair has failed over since')
    expect(await tail(EXECUTION, ...WHY, '--yes', hashTold())).toBe(0)
  })

  it('gives up what the state machine itself stands before', async () => {
    const holder = { by: `arn:of:the:machine:${EXECUTION}`, purpose: 'failover', phase: 'acting', since: 0 } as const
    tables.dublin.lock = { reserved: 1, holder }
    await world.settle('export')
    await expect(tail(EXECUTION, ...WHY)).rejects.toThrow('looking for what first still owes: it owes nothing')
    await world.settle('scrape')
    expect(await tail(EXECUTION, ...WHY)).toBe(1)
    tables.dublin.lock = { reserved: 1, holder: { ...holder, by: 'arn:of:the:machine:another-first' } }
    await expect(tail(EXECUTION, ...WHY)).rejects.toThrow('it owes nothing')
  })

  it.each([
    ['is done by itself', { tail: 'export' }, 'the choice was export, which empties nothing: it goes on by itself'],
    ['another one owes', { execution: 'second' }, 'looking for what first still owes: it owes nothing'],
  ] as const)('refuses what %s', async (_what, debts, because) => {
    owe(debts)
    await expect(tail(EXECUTION, ...WHY)).rejects.toThrow(because)
    expect(await tables.dublin.givenUp(EXECUTION, 'scrape')).toBeUndefined()
  })

  it('says which table did not answer', async () => {
    owe()
    tables.dublin.pending = () => Promise.reject(new ReplicationError('STATE_UNREACHABLE', 'reading what is owed'))
    await expect(tail(EXECUTION, ...WHY)).rejects.toThrow(/it owes nothing, as far as .*; STATE_UNREACHABLE/)
  })
})

describe('twinshore tail, as a login that has no name', () => {
  beforeEach(loseLoginName)
  afterEach(restoreLoginName)

  it('looks all the same', async () => {
    expect(await tail()).toBe(0)
  })

  it('says how to tell who gives up', async () => {
    const giveUp = tail(EXECUTION, '--give-up', '--reason', 'x')
    await expect(giveUp).rejects.toThrow(UsageError)
    await expect(giveUp).rejects.toThrow(/no name on this machine: say it with --by NAME/)
    await expect(tail(EXECUTION, '--give-up', '--reason', 'x', '--by', 'ana')).rejects.toThrow(/owes nothing/)
  })
})

describe('twinshore tail is not understood', () => {
  it.each([
    ['without an execution', ['--topic', 'orders'], /of which execution/],
    ['with two executions', ['a', 'b'], /one execution/],
    ['with a partition of no topic', [EXECUTION, '--partition', '1'], /together with --topic/],
    ['with an offset that is none', [EXECUTION, '--from-offset', 'x'], /--from-offset takes a whole number/],
    ['with nothing to give up', ['--give-up', '--reason', 'x'], /of which execution/],
    ['with no reason', [EXECUTION, '--give-up', '--reason', ' '], /takes a --reason/],
    ['with records that are given up', [EXECUTION, '--give-up', '--reason', 'x', '--limit', '1'], /--give-up takes/],
    ['with a reason for nothing', [EXECUTION, '--reason', 'x'], /together with --give-up/],
    ['with a negative limit', [EXECUTION, '--limit=-1'], /--limit takes a whole number/],
  ])('%s', async (_what, args, why) => {
    await expect(tail(...args)).rejects.toThrow(UsageError)
    await expect(tail(...args)).rejects.toThrow(why)
  })
})
