import { beforeEach, describe, expect, it } from 'vitest'
import type { Invoke } from '../../../cli/asking.ts'
import { ProgressBar } from '../../../cli/progress-bar.ts'
import { runVerify } from '../../../cli/verify.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import { noCounts, type VerifyCounts } from '../../../shared/domain/verify/verify-report.ts'

type Event = Readonly<Record<string, unknown>>

const results: string[] = []
const drawn: string[] = []
const events: Event[] = []
const terminal = { result: (text: string) => void results.push(text), note: () => undefined }
const stream = { isTTY: true, write: (text: string) => void drawn.push(text) }

beforeEach(() => {
  for (const list of [results, drawn, events]) list.length = 0
})

const RANGE = { topic: 'orders', partition: 3, from: '10', to: '40' }

/** A function that plans one range and reports it in these pieces. */
const reporting = (
  ...pieces: readonly { next: string; counts?: Partial<VerifyCounts>; [name: string]: unknown }[]
): Invoke => {
  const left = [...pieces]
  return async (_deployed, event) => {
    events.push(event as Event)
    if ((event as Event).mode === 'plan') return { ranges: [RANGE], troubles: [] }
    const { counts = {}, ...piece } = left.shift() ?? { next: RANGE.to }
    return { ...RANGE, more: left.length > 0, findings: [], ...piece, counts: { ...noCounts(), ...counts } }
  }
}

const verify = (invoke: Invoke, ...flags: readonly string[]) =>
  runVerify(['west-east', ...flags], terminal, invoke, stream)

describe('twinshore verify', () => {
  it('goes on where the function stopped, until the range is done, and adds up', async () => {
    const invoke = reporting(
      { next: '25', counts: { verified: 14 } },
      { next: '40', counts: { verified: 15, duplicates: 2 } },
    )
    expect(await verify(invoke)).toBe(0)
    expect(events).toEqual([{ mode: 'plan' }, { mode: 'range', ...RANGE }, { mode: 'range', ...RANGE, from: '25' }])
    expect(results.join('\n')).toContain('west-east: no difference, 29 records the same on both sides')
    expect(results.join('\n')).toMatch(/duplicates +2 +copies on the target/)
    expect(drawn.some((text) => text.includes(' 50 %  14 records the same'))).toBe(true)
  })

  it('goes on among target records that no run covers, although no source offset was passed', async () => {
    const invoke = reporting(
      { next: '25', uncoveredFrom: '70' },
      { next: '25', uncoveredFrom: '90', counts: { foreign: 1 } },
      { next: '40' },
    )
    expect(await verify(invoke)).toBe(1)
    expect(events.slice(2)).toEqual(
      ['70', '90'].map((uncoveredFrom) => ({ mode: 'range', ...RANGE, from: '25', uncoveredFrom })),
    )
    expect(results.join('\n')).toContain('west-east: 1 difference')
  })

  it('ends with 1 and names the offsets, when there is a difference', async () => {
    const findings = [
      { kind: 'different', field: 'value', source: '12', target: '7' },
      { kind: 'lost', source: '20', to: '23' },
      { kind: 'foreign', target: '9' },
    ]
    expect(await verify(reporting({ next: '40', counts: { different: 1, lost: 3, foreign: 1 }, findings }))).toBe(1)
    const text = results.join('\n')
    expect(text).toContain('west-east: 5 differences')
    expect(text).toMatch(/orders +3 +different +12 +7 +value/)
    expect(text).toMatch(/orders +3 +lost +20 to 22/)
    expect(text).toMatch(/orders +3 +foreign +9/)
  })

  it('says everything in one JSON document', async () => {
    await verify(reporting({ next: '40', counts: { verified: 3 } }), '--json')
    expect(JSON.parse(results.join(''))).toMatchObject({
      link: 'west-east',
      sound: true,
      ranges: 1,
      counts: { verified: 3 },
    })
  })

  it('ends with 1 when a partition could not be verified, and verifies the others', async () => {
    const failing: Invoke = async (_deployed, event) => {
      if ((event as Event).mode === 'plan') return { ranges: [RANGE], troubles: ['orders-9 is gone'] }
      throw new ReplicationError('LOG_DAMAGED', 'reading')
    }
    expect(await verify(failing)).toBe(1)
    expect(results.join('\n')).toMatch(/could not be verified\norders-9 is gone\norders-3: LOG_DAMAGED: reading/)
  })

  it('says what waits for an open transaction', async () => {
    expect(await verify(reporting({ next: '20', heldBy: 'source' }))).toBe(0)
    expect(results.join('\n')).toContain('orders-3 from source offset 20 on (on the source)')
  })

  it('asks for what it was told to', async () => {
    await verify(reporting(), '--topic', 'orders', '--sample', '7')
    expect(events[0]).toEqual({ mode: 'plan', topic: 'orders', sample: 7 })
    events.length = 0
    const before = Date.now()
    await verify(reporting(), '--since', '90m')
    expect(Number(events[0]?.since)).toBeGreaterThanOrEqual(before - 90 * 60_000)
    expect(Number(events[0]?.since)).toBeLessThanOrEqual(Date.now() - 90 * 60_000)
  })

  it.each([
    [[]],
    [['west-east', 'other']],
    [['west-east', '--sample', '0']],
    [['west-east', '--since', '1 hour']],
    [['west-east', '--since', '1h', '--sample', '2']],
  ])('does not understand %j', async (args) => {
    await expect(runVerify(args, terminal, reporting(), stream)).rejects.toThrow(/verify|--/)
  })

  it('refuses a function that does not get on among them', async () => {
    const stuck = reporting({ next: '25', uncoveredFrom: '70' }, { next: '25', uncoveredFrom: '70' }, { next: '40' })
    await verify(stuck)
    expect(results.join('\n')).toMatch(/could not be verified\norders-3: FUNCTION_FAILED/)
  })

  it('refuses a function that does not get on', async () => {
    await expect(verify(reporting({ next: '10' }, { next: '40' })).then(() => results.join('\n'))).resolves.toMatch(
      /could not be verified\norders-3: FUNCTION_FAILED/,
    )
  })
})

describe('a progress bar', () => {
  it('draws nothing but a line now and then where nobody can redraw', () => {
    const lines: string[] = []
    const bar = new ProgressBar(10, { write: (text) => void lines.push(text) })
    bar.advance(5, 'half')
    bar.end()
    expect(lines).toEqual([])
  })
})
