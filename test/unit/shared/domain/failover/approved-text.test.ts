import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { approvalHash, approvedText } from '../../../../../shared/domain/failover/approved-text.ts'
import type { PreflightAsk } from '../../../../../shared/domain/failover/preflight-check.ts'
import type { LagFacts, PreflightFacts } from '../../../../../shared/domain/failover/preflight-facts.ts'
import { judgePreflight, type PreflightReport } from '../../../../../shared/domain/failover/preflight-report.ts'
import {
  ASK,
  GROUPS,
  LAG,
  NOW,
  SOUND,
  SOURCE_GONE,
  told,
  UNPLANNED,
  untold,
} from '../../../../support/preflight-facts.ts'

const SUBJECT = { pair: 'west-east', from: 'west', to: 'east', epoch: 1 }
const REST = { positions: { kind: 'mapped' }, tail: 'export' } as const

const report = (facts: PreflightFacts = SOUND, ask: PreflightAsk = ASK): PreflightReport =>
  judgePreflight(facts, ask, SUBJECT, REST)
const withLag = (changes: Partial<LagFacts>): PreflightFacts => ({ ...SOUND, lag: told({ ...LAG, ...changes }) })

describe('what is approved', () => {
  it('is the same while only figures change that change by themselves', async () => {
    const before = await approvalHash(report())
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          laterMs: fc.nat(100_000),
          records: fc.nat(100),
          lagMs: fc.nat(30_000),
          heartbeatAgeMs: fc.nat(120_000),
          positions: fc.nat(1_000),
          usableBytes: fc.integer({ min: 150, max: 1_000 }),
        }),
        async ({ laterMs, records, lagMs, heartbeatAgeMs, positions, usableBytes }) => {
          const now = NOW + laterMs
          const facts: PreflightFacts = {
            ...SOUND,
            now,
            lag: told({ ...LAG, at: now, records, lagMs, heartbeatAgeMs, topics: [{ topic: 'orders', records }] }),
            groups: told({ ...GROUPS, positions }),
            disks: told({
              disks: [{ node: 1, directory: '/a', totalBytes: 1_000, usableBytes }],
              offline: [],
              unmeasured: [],
            }),
          }
          expect(await approvalHash(report(facts))).toBe(before)
        },
      ),
    )
  })

  const changes: readonly (readonly [string, PreflightReport])[] = [
    ['the mode', { ...report(), mode: 'drill' }],
    ['the epoch', { ...report(), epoch: 2 }],
    ['the direction', { ...report(), from: 'east', to: 'west' }],
    ['the pair', { ...report(), pair: 'other' }],
    ['a verdict', report(withLag({ records: 101 }))],
    ['what is known', report({ ...SOUND, racks: untold })],
    ['a limit', report(SOUND, { ...ASK, limits: { ...ASK.limits, lagRecords: 99 } })],
    ['a limit that nothing is compared with', report(SOUND, { ...ASK, limits: { ...ASK.limits, lostRecords: 51 } })],
    ['who forces it', report(SOUND, { ...ASK, force: true })],
    ['what is forced', report(withLag({ records: 101 }), { ...ASK, force: true })],
    ['the positions', { ...report(), positions: { kind: 'earliest' } }],
    ['the time of the positions', { ...report(), positions: { kind: 'timestamp', at: 1 } }],
    ['another time of the positions', { ...report(), positions: { kind: 'timestamp', at: 2 } }],
    ['the tail', { ...report(), tail: 'discard' }],
    ['the loss', report(SOURCE_GONE, UNPLANNED)],
    [
      'another loss',
      report({ ...SOURCE_GONE, lag: told({ ...LAG, records: 8, sourceUnreachableSince: NOW - 60_000 }) }, UNPLANNED),
    ],
    ['a loss that nobody knows', report({ ...SOURCE_GONE, lag: untold }, UNPLANNED)],
  ]
  it('is another one when anything else changes', async () => {
    const hashes = await Promise.all([report(), ...changes.map(([, one]) => one)].map((one) => approvalHash(one)))
    expect(hashes.filter((hash, at) => hashes.indexOf(hash) !== at)).toEqual([])
  })

  it.each(changes)('depends on %s', async (_what, changed) => {
    expect(await approvalHash(changed)).not.toBe(await approvalHash(report()))
  })

  it('depends on what each topic loses, whatever their order', async () => {
    const loss = (topics: readonly (readonly [string, number])[]) => ({
      ...report(SOURCE_GONE, UNPLANNED),
      loss: { records: 3, topics: topics.map(([topic, records]) => ({ topic, records })) },
    })
    const one = approvedText(loss([['a', 1], ['b', 2]])) // biome-ignore format: two of two
    expect(approvedText(loss([['b', 2], ['a', 1]]))).toBe(one) // biome-ignore format: two of two
    expect(approvedText(loss([['a', 2], ['b', 1]]))).not.toBe(one) // biome-ignore format: two of two
  })

  it('is short enough to be typed', async () => {
    expect(await approvalHash(report())).toMatch(/^[0-9a-f]{32}$/)
  })
})
