import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type {
  ClientSwitch,
  Fence,
  FenceAnswer,
  UserAnswer,
} from '../../../../../shared/usecases/failover/fence-ports.ts'
import { type FencingMeans, fencing } from '../../../../../shared/usecases/failover/fencing.ts'
import { noFence } from '../../../../../shared/usecases/failover/no-fence.ts'
import { userFence } from '../../../../../shared/usecases/failover/user-fence.ts'
import { FakeLogReader } from '../../../../fakes/log-reader.ts'
import { inTime } from '../../../../support/in-time.ts'
import { stranded } from '../../../../support/stranded-world.ts'

const CAUSE = { pair: 'pair', from: 'west', to: 'east', epoch: 1, execution: 'first', startedAt: 1_000 }
const ORDERS = { topic: 'orders', partition: 0 }
const BEATS = { topic: 'twinshore.heartbeats', partition: 0 }
const GONE = new ReplicationError('SOURCE_UNREACHABLE', 'asking west: nobody answers')

let reader: FakeLogReader
let meanwhile: () => void
let calls: string[]
let means: FencingMeans

const answering = (name: string, answer: FenceAnswer | ReplicationError): Fence => {
  const give = (call: string) => async (): Promise<FenceAnswer> => {
    calls.push(`${name} ${call}`)
    if (answer instanceof ReplicationError) throw answer
    return answer
  }
  return { name, apply: give('apply'), prove: give('prove'), lift: give('lift') }
}
const DONE: FenceAnswer = { outcome: 'done', message: 'done' }
const pointing = (name: string, answer: FenceAnswer | ReplicationError): ClientSwitch => ({
  name,
  point: answering(name, answer).apply,
})

beforeEach(() => {
  reader = new FakeLogReader()
  reader.createTopic('orders')
  reader.createTopic('twinshore.heartbeats')
  reader.append(ORDERS, stranded('before'))
  meanwhile = () => void reader.append(BEATS, stranded('a beat'))
  calls = []
  means = {
    fences: [answering('one', DONE)],
    fencesOfTarget: [],
    here: [],
    there: [],
    partitions: async () => [ORDERS, BEATS],
    reader,
    stillMs: 5_000,
    rest: async (ms) => {
      expect(ms).toBe(5_000)
      meanwhile()
      return true
    },
  }
})

const ask = (action: Parameters<ReturnType<typeof fencing>['ask']>[0], changes: Partial<FencingMeans> = {}) =>
  fencing({ ...means, ...changes }).ask(action, CAUSE, inTime())

describe('a proof', () => {
  it('takes a fence that holds, and ends that stand still but for our own beats', async () => {
    const message = 'done; the ends of 1 partitions stood still for 5000 ms'
    expect(await ask('prove')).toEqual({ outcome: 'done', message, weaker: [] })
  })

  it.each([
    ['a record comes', () => void reader.append(ORDERS, stranded('late')), 'orders-0 grew from 1 to 2'],
    ['a marker comes', () => reader.appendMarker(ORDERS), 'orders-0 grew from 1 to 2'],
  ])('is none when %s meanwhile', async (_what, act, message) => {
    meanwhile = act
    expect(await ask('prove')).toMatchObject({ outcome: 'again', message })
  })

  it('is none while a transaction is open, although nothing moves', async () => {
    reader.appendTransaction(ORDERS, 'open', stranded('perhaps'))
    expect(await ask('prove')).toMatchObject({ outcome: 'again', message: expect.stringContaining('open from 1 on') })
  })

  it('is none when there was no time to look twice', async () => {
    expect(await ask('prove', { rest: async () => false })).toMatchObject({ outcome: 'again' })
  })

  it('is none when a partition cannot be looked at', async () => {
    reader.reachable = false
    await expect(ask('prove')).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })

  it('is not begun with ends while a fence does not hold', async () => {
    const leaky = answering('two', { outcome: 'again', message: 'User:shop may still write' })
    const rest = () => Promise.reject(new Error('looked at the ends'))
    const report = await ask('prove', { fences: [answering('one', DONE), leaky], rest })
    expect(report).toEqual({ outcome: 'again', message: 'User:shop may still write', weaker: [] })
  })

  it('says what each fence cannot show, and that nothing fences where nothing does', async () => {
    const weak = answering('two', { ...DONE, weaker: 'nobody has tried' })
    const { weaker } = await ask('prove', { fences: [weak, weak, noFence] })
    expect(weaker).toEqual(['nobody has tried', expect.stringContaining('nothing keeps applications from writing')])
  })
})

describe('several fences', () => {
  it('are all made although one fails, which is told', async () => {
    const fences = [answering('one', GONE), answering('two', DONE)]
    await expect(ask('fence', { fences })).rejects.toBe(GONE)
    expect(calls).toEqual(['one apply', 'two apply'])
  })

  it('are as good as the worst of them', async () => {
    const refused = answering('two', { outcome: 'refused', message: 'never' })
    expect(await ask('fence', { fences: [answering('one', DONE), refused] })).toMatchObject({
      outcome: 'refused',
      message: 'never',
    })
  })
})

describe('clients', () => {
  it('must be told here, and are told later where nobody answers', async () => {
    const here = [pointing('here', DONE)]
    const there = [pointing('gone', GONE), pointing('there', DONE)]
    expect(await ask('switch', { here, there })).toMatchObject({ outcome: 'done', unheard: ['gone'] })
    await expect(ask('switch', { here: [pointing('here', GONE)], there })).rejects.toBe(GONE)
  })

  it('are told nowhere else while they are not told here', async () => {
    const here = [pointing('here', { outcome: 'again', message: 'not yet' })]
    expect(await ask('switch', { here, there: [pointing('there', DONE)] })).toMatchObject({ outcome: 'again' })
    expect(calls).toEqual(['here apply'])
  })
})

describe("a fence of the user's own", () => {
  it('is asked for the cluster that it fences, whichever way the failover goes', async () => {
    const asked: unknown[] = []
    const own = userFence({
      name: 'gate',
      ask: async (request) => {
        asked.push(request)
        return { done: request.action !== 'prove', detail: 'so it is' }
      },
    })
    expect(await ask('fence', { fences: [own] })).toMatchObject({ outcome: 'done', message: 'gate, fence: so it is' })
    expect(await ask('prove', { fences: [own] })).toMatchObject({ outcome: 'again' })
    await ask('open', { fencesOfTarget: [own] })
    const request = { pair: 'pair', from: 'west', to: 'east', epoch: 1, execution: 'first' }
    expect(asked).toEqual([
      { action: 'fence', ...request },
      { action: 'prove', ...request },
      { action: 'lift', ...request, from: 'east', to: 'west' },
    ])
  })

  it('that says that the region is gone lets an unplanned failover go on, as a cluster does that does not answer', async () => {
    const answering = (answer: UserAnswer) => userFence({ name: 'gate', ask: async () => answer })
    const gone = { done: false, detail: 'no route to west', gone: true }
    await expect(answering(gone).apply(CAUSE, inTime())).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('gate, fence: no route to west'),
    })
    expect(await answering({ ...gone, done: true }).apply(CAUSE, inTime())).toMatchObject({ outcome: 'done' })
  })
})
