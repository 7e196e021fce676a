import { describe, expect, it } from 'vitest'
import { lastPages } from '../../../../../shared/domain/offset-map.ts'
import { NEIGHBOURS } from '../../../../../shared/domain/verify/neighbours.ts'
import { addCounts, noCounts } from '../../../../../shared/domain/verify/verify-report.ts'
import type { VerifyRange } from '../../../../../shared/usecases/verify/verify-ports.ts'
import { INCARNATION, SMALL_PAGES, VerifiedPartition, worded } from '../../../../support/verified-partition.ts'

const replicated = async (...words: readonly string[]): Promise<VerifiedPartition> => {
  const partition = new VerifiedPartition()
  partition.produce(...words)
  await partition.replicate()
  return partition
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz']

describe('a replica that is right', () => {
  it('verifies record by record, to the checkpoint', async () => {
    const partition = await replicated(...LETTERS)
    const { counts, findings, next, more } = await partition.verify()
    expect([counts.verified, findings, next, more]).toEqual([26, [], 26n, false])
  })

  it('verifies along many pages of the map, from anywhere to anywhere', async () => {
    const partition = new VerifiedPartition()
    for (const letter of LETTERS) {
      partition.source.appendTransaction(partition.onSource, 'commit', worded(letter))
      await partition.replicate()
    }
    expect(partition.state.pages(partition.onSource, INCARNATION).length).toBeGreaterThan(2)
    expect(await partition.counts()).toEqual({ verified: 26 })
    expect(await partition.counts({ from: 7n, to: 12n })).toEqual({ verified: 2 })
    expect(await partition.counts({ from: 30n })).toEqual({ verified: 11 })
  })

  it('verifies although transactions were aborted and compaction took records on the source', async () => {
    const partition = new VerifiedPartition({ compacted: true })
    partition.produce('a', 'b', 'c')
    partition.source.appendTransaction(partition.onSource, 'abort', worded('never'))
    partition.produce('d')
    partition.source.compactAway(partition.onSource, 1n)
    await partition.replicate()
    partition.source.compactAway(partition.onSource, 0n)
    expect(await partition.counts()).toEqual({ verified: 2, compacted: 1, aborted: 1 })
  })

  it('verifies what was aborted, when the poller brought that too', async () => {
    const partition = new VerifiedPartition()
    partition.source.appendTransaction(partition.onSource, 'abort', worded('aborted'))
    partition.target.append(partition.onTarget, worded('aborted'))
    await partition.remember([{ source: 0n, target: 0n, length: 1n }], 1n)
    expect(await partition.counts()).toEqual({ verified: 1 })
  })

  it('knows what the gap ledger knows', async () => {
    const partition = new VerifiedPartition()
    partition.produce('a', 'refused', 'b')
    partition.target.append(partition.onTarget, worded('a'), worded('b'))
    await partition.recordGap(1n, 2n)
    await partition.remember(
      [0n, 2n].map((source, at) => ({ source, target: BigInt(at), length: 1n })),
      3n,
    )
    expect(await partition.counts()).toEqual({ verified: 2, gaps: 1 })
  })

  it('knows records that an operator put back', async () => {
    const partition = new VerifiedPartition()
    partition.produce('a', 'refused', 'b')
    partition.target.append(partition.onTarget, worded('a'), worded('b'), worded('refused'))
    await partition.recordGap(1n, 2n, { replayedAt: 7 })
    await partition.remember(
      [0n, 2n].map((source, at) => ({ source, target: BigInt(at), length: 1n })),
      3n,
    )
    const counts = await partition.counts()
    expect(counts.foreign).toBeUndefined()
    expect((counts.replayed ?? 0) + (counts.duplicates ?? 0)).toBe(1)
  })

  it('leaves out what came from the target', async () => {
    const partition = new VerifiedPartition()
    partition.produce('a', 'looped', 'b')
    partition.target.append(partition.onTarget, worded('a'), worded('b'))
    const looped = { source: 1n, target: 1n, length: 1n, looped: true } as const
    await partition.remember(
      [{ source: 0n, target: 0n, length: 1n }, looped, { source: 2n, target: 1n, length: 1n }],
      3n,
    )
    expect(await partition.counts()).toEqual({ verified: 2, looped: 1 })
  })

  it('says which records are gone on one side by now', async () => {
    const partition = await replicated(...LETTERS)
    partition.source.deleteBelow(partition.onSource, 5n)
    partition.target.deleteBelow(partition.onTarget, 8n)
    expect(await partition.counts()).toEqual({ trimmed: 8, verified: 18 })
  })

  it('has other timestamps where the target broker sets them', async () => {
    const partition = new VerifiedPartition()
    partition.produce('a')
    await partition.replicate({ change: (record) => ({ ...record, timestamp: 5, timestampIsBrokers: true }) })
    expect(await partition.counts()).toEqual({ verified: 1 })
  })

  it('keeps the timestamps that the source broker set', async () => {
    const partition = new VerifiedPartition()
    partition.source.append(partition.onSource, worded('a', { timestampIsBrokers: true }))
    await partition.replicate({ change: () => worded('a', { timestamp: 5 }) })
    expect(await partition.counts()).toEqual({ different: 1 })
  })

  it('has another provenance, where the link writes it', async () => {
    const ours = (origin: string) => ({
      name: Buffer.from('twinshore-provenance'),
      value: Buffer.from(`1;${origin};;0123456789abcdef`),
    })
    const other = { name: Buffer.from('trace'), value: Buffer.from('1') }
    for (const provenance of [true, false]) {
      const partition = new VerifiedPartition({ provenance })
      partition.source.append(partition.onSource, worded('a', { headers: [other, ours('x')] }))
      await partition.replicate({ change: () => worded('a', { headers: [other, ours('y')] }) })
      expect(await partition.counts()).toEqual(provenance ? { verified: 1 } : { different: 1 })
    }
  })
})

describe('a replica that is wrong', () => {
  it.each([
    ['key', { key: Buffer.from('other') }],
    ['key', { key: null }],
    ['value', { value: Buffer.from('i!') }],
    ['value', { value: Buffer.alloc(0) }],
    ['value', { value: null }],
    ['headers', { headers: [{ name: Buffer.from(''), value: null }] }],
    ['timestamp', { timestamp: 1_700_000_000_001 }],
  ] as const)('differs in its %s at known offsets', async (field, change) => {
    const partition = await replicated(...LETTERS)
    partition.target.replace(partition.onTarget, 8n, (record) => ({ ...record, ...change }))
    const { counts, findings } = await partition.verify()
    expect([counts.verified, counts.different]).toEqual([25, 1])
    expect(findings).toEqual([{ kind: 'different', field, source: 8n, target: 8n }])
  })

  it.each([
    [[{ name: 'a', value: '' }], [{ name: 'a', value: null }]],
    [[{ name: 'a', value: 'b' }], [{ name: 'ab', value: '' }]],
    [
      [
        { name: 'a', value: '1' },
        { name: 'a', value: '2' },
      ],
      [
        { name: 'a', value: '2' },
        { name: 'a', value: '1' },
      ],
    ],
  ])('tells headers apart', async (one, other) => {
    const headers = (list: readonly { name: string; value: string | null }[]) =>
      list.map(({ name, value }) => ({ name: Buffer.from(name), value: value === null ? null : Buffer.from(value) }))
    const partition = new VerifiedPartition()
    partition.source.append(partition.onSource, worded('a', { headers: headers(one) }))
    await partition.replicate({ change: () => worded('a', { headers: headers(other) }) })
    expect(await partition.counts()).toEqual({ different: 1 })
  })

  it('lacks a record', async () => {
    const partition = await replicated(...LETTERS)
    partition.target.compactAway(partition.onTarget, 3n)
    const { findings } = await partition.verify()
    expect(findings).toEqual([{ kind: 'missing', source: 3n, target: 3n }])
  })

  it('ends too early', async () => {
    const partition = await replicated('a')
    partition.produce('b', 'c')
    await partition.remember([{ source: 1n, target: 1n, length: 2n }], 3n)
    expect(await partition.counts()).toEqual({ verified: 1, missing: 2 })
  })

  it('has a record where there was none on the source', async () => {
    const partition = new VerifiedPartition()
    partition.source.appendMarker(partition.onSource)
    partition.target.append(partition.onTarget, worded('from nowhere'))
    await partition.remember([{ source: 0n, target: 0n, length: 1n }], 1n)
    expect((await partition.verify()).findings).toEqual([{ kind: 'misplaced', source: 0n, target: 0n }])
  })

  it('may lack a tombstone, on a compacted topic', async () => {
    const partition = new VerifiedPartition({ compacted: true })
    partition.source.append(partition.onSource, worded('gone', { value: null }), worded('a'))
    await partition.replicate()
    partition.target.compactAway(partition.onTarget, 0n)
    expect(await partition.counts()).toEqual({ verified: 1, compacted: 1 })
  })

  it('lacks the last record of a key, on a compacted topic; earlier ones may be absent', async () => {
    const key = Buffer.from('k')
    const partition = new VerifiedPartition({ compacted: true })
    partition.source.append(partition.onSource, worded('old', { key }), worded('new', { key }), worded('else'))
    await partition.replicate()
    partition.target.compactAway(partition.onTarget, 0n)
    expect(await partition.counts()).toEqual({ verified: 2, compacted: 1 })
    expect(await partition.counts({ to: 1n })).toEqual({ compacted: 1 })
    partition.target.compactAway(partition.onTarget, 1n)
    expect((await partition.verify()).findings).toEqual([{ kind: 'missing', source: 1n, target: 1n }])
  })

  it('lacks the last record of a key, on a compacted topic that is being replicated', async () => {
    const partition = new VerifiedPartition({ compacted: true })
    partition.produce('a', ...LETTERS.slice(1))
    await partition.replicate()
    partition.target.compactAway(partition.onTarget, 0n)
    expect(await partition.counts({ to: 3n })).toEqual({ missing: 1, verified: 2 })
  })

  it('may lack a record as long as nobody has read all later ones, on a compacted topic', async () => {
    const partition = new VerifiedPartition({ compacted: true })
    partition.produce('a', ...LETTERS.slice(1))
    await partition.replicate()
    partition.target.compactAway(partition.onTarget, 0n)
    const { counts } = await partition.verify({ to: 3n }, 0)
    expect([counts.missing, counts.undecided]).toEqual([0, 1])
  })

  it.each([
    ['lacks a record, though one of its key was quarantined later', {}, { missing: 1 }],
    ['may lack a record when one of its key was put back', { replayedAt: 7 }, { compacted: 1 }],
  ])('%s, on a compacted topic', async (_what, gap, expected) => {
    const key = Buffer.from('k')
    const partition = new VerifiedPartition({ compacted: true })
    partition.source.append(partition.onSource, worded('old', { key }), worded('refused', { key }), worded('else'))
    partition.target.append(partition.onTarget, worded('old', { key }), worded('else'))
    await partition.recordGap(1n, 2n, gap)
    await partition.remember(
      [0n, 2n].map((source, at) => ({ source, target: BigInt(at), length: 1n })),
      3n,
    )
    partition.target.compactAway(partition.onTarget, 0n)
    expect(await partition.counts()).toEqual({ verified: 1, gaps: 1, ...expected })
  })

  it('has a record that readers of committed records do not see', async () => {
    const partition = await replicated('a')
    partition.produce('b')
    partition.target.appendTransaction(partition.onTarget, 'abort', worded('b'))
    await partition.remember([{ source: 1n, target: 1n, length: 1n }], 2n)
    expect((await partition.verify()).findings).toEqual([{ kind: 'missing', source: 1n, target: 1n }])
  })

  it('never had a record that still is on the source, and that no ledger explains', async () => {
    const partition = new VerifiedPartition()
    partition.produce('a', 'skipped', 'b')
    partition.target.append(partition.onTarget, worded('a'), worded('b'))
    await partition.remember(
      [0n, 2n].map((source, at) => ({ source, target: BigInt(at), length: 1n })),
      3n,
    )
    expect((await partition.verify()).findings).toEqual([{ kind: 'unreplicated', source: 1n }])
  })
})

describe('target records that no run covers', () => {
  it('are copies when a crash came before the checkpoint', async () => {
    const partition = await replicated('a', 'b')
    partition.produce('c', 'd')
    await partition.replicate({ crash: true })
    await partition.replicate()
    expect(await partition.counts()).toEqual({ verified: 4, duplicates: 2 })
    expect(await partition.counts({ from: 2n })).toEqual({ verified: 2, duplicates: 2 })
    expect(await partition.counts({ from: 3n })).toEqual({ verified: 1 })
  })

  it('are copies when a late invocation wrote them behind the records', async () => {
    const partition = await replicated('a', 'b')
    partition.target.append(partition.onTarget, worded('a'), worded('b'))
    partition.produce('c')
    await partition.replicate()
    expect(await partition.counts()).toEqual({ verified: 3, duplicates: 2 })
    expect(await partition.counts({ from: 2n })).toEqual({ verified: 1, duplicates: 2 })
  })

  it('are just being appended when the source has them behind the checkpoint', async () => {
    const partition = await replicated('a')
    partition.produce('b')
    await partition.replicate({ crash: true })
    expect(await partition.counts()).toEqual({ verified: 1, duplicates: 1 })
  })

  it('are copies of records that come, however many came before the range', async () => {
    const partition = await replicated(...Array.from({ length: NEIGHBOURS }, (_, at) => `${at}`))
    partition.produce('c')
    await partition.replicate({ crash: true })
    await partition.replicate()
    expect(await partition.counts({ from: BigInt(NEIGHBOURS) })).toEqual({ verified: 1, duplicates: 1 })
  })

  it('are being appended when their records came while the edges of the logs were asked for', async () => {
    const partition = await replicated('a')
    const edges = partition.target.edges.bind(partition.target)
    let asked = 0
    partition.target.edges = async (partitions) => {
      if (asked++ === 0) {
        partition.produce('b')
        await partition.replicate({ crash: true })
      }
      return edges(partitions)
    }
    expect(await partition.counts()).toEqual({ verified: 1, duplicates: 1 })
  })

  it('are foreign otherwise, between records and behind them', async () => {
    const partition = await replicated('a')
    partition.target.append(partition.onTarget, worded('foreign'), worded('a', { timestamp: 3 }))
    partition.produce('b')
    await partition.replicate()
    partition.target.append(partition.onTarget, worded('at the end'))
    const { counts, findings } = await partition.verify()
    expect(counts.verified).toBe(2)
    expect(findings).toEqual([1n, 2n, 4n].map((target) => ({ kind: 'foreign', target })))
  })

  it('belong to applications of the target where the link writes provenance', async () => {
    const partition = new VerifiedPartition({ provenance: true })
    partition.produce('a')
    await partition.replicate()
    partition.target.append(partition.onTarget, worded('native'))
    expect(await partition.counts()).toEqual({ verified: 1, native: 1 })
  })

  it('may be why compaction took a record, where applications of the target write too', async () => {
    const key = Buffer.from('k')
    const partition = new VerifiedPartition({ provenance: true, compacted: true })
    partition.source.append(partition.onSource, worded('old', { key }))
    await partition.replicate()
    partition.target.append(partition.onTarget, worded('native', { key }))
    partition.target.compactAway(partition.onTarget, 0n)
    expect(await partition.counts()).toEqual({ compacted: 1, native: 1 })
  })

  it('do not count when their transaction was aborted', async () => {
    const partition = await replicated('a')
    partition.target.appendTransaction(partition.onTarget, 'abort', worded('b'))
    partition.produce('b')
    await partition.replicate()
    expect(await partition.counts()).toEqual({ verified: 2, aborted: 1 })
  })
})

describe('where the map begins', () => {
  it('knows nothing of what was on the target before', async () => {
    const partition = new VerifiedPartition()
    partition.target.append(partition.onTarget, worded('older'))
    partition.produce('looped', 'a')
    partition.target.append(partition.onTarget, worded('a'))
    const looped = { source: 0n, target: 0n, length: 1n, looped: true } as const
    await partition.remember([looped, { source: 1n, target: 1n, length: 1n }], 2n)
    expect(await partition.counts()).toEqual({ verified: 1, looped: 1 })
  })

  it('has each run once, when pages were sealed and the head was not replaced', async () => {
    const partition = new VerifiedPartition()
    for (const letter of LETTERS) {
      partition.source.appendTransaction(partition.onSource, 'commit', worded(letter))
      await partition.replicate()
    }
    const { head, state, onSource } = partition
    if (head === undefined) throw new Error('there is no head')
    await state.seal(onSource, lastPages(INCARNATION, head.openRuns, head.nextSource, SMALL_PAGES))
    expect(await partition.counts()).toEqual({ verified: 26 })
  })
})

describe('a log that retention has shortened', () => {
  it('tells copies from foreign records as long as what they may be copies of is there', async () => {
    const partition = await replicated('a')
    partition.target.append(partition.onTarget, worded('foreign'))
    partition.produce('b')
    await partition.replicate()
    partition.source.deleteBelow(partition.onSource, 1n)
    expect(await partition.counts()).toEqual({ trimmed: 1, verified: 1, foreign: 1 })
    partition.source.deleteBelow(partition.onSource, 2n)
    expect(await partition.counts()).toEqual({ trimmed: 2, undecided: 1 })
  })
})

describe('holes that nobody has read', () => {
  const holed = async (): Promise<VerifiedPartition> => {
    const partition = new VerifiedPartition()
    partition.produce('a')
    partition.source.appendTransaction(partition.onSource, 'abort', worded('aborted'))
    partition.source.appendTransaction(partition.onSource, 'commit', worded('b'))
    partition.produce('c')
    await partition.replicate()
    return partition
  }

  it('are confirmed when no record is in them', async () => {
    const partition = await holed()
    expect(partition.head?.unverifiedFrom).toBe(1n)
    expect(await partition.counts({ holesOnly: true })).toEqual({ aborted: 1 })
    expect(partition.head?.unverifiedFrom).toBeUndefined()
  })

  it('are confirmed as far as they were read', async () => {
    const partition = await holed()
    await partition.verify({ to: 3n })
    expect(partition.head?.unverifiedFrom).toBe(3n)
    await partition.verify({ from: 4n })
    expect(partition.head?.unverifiedFrom).toBe(3n)
  })

  it('stay unconfirmed from a record on that should be on the target', async () => {
    const partition = new VerifiedPartition()
    partition.produce('a', 'b', 'skipped', 'c')
    partition.target.append(partition.onTarget, worded('a'), worded('c'))
    await partition.remember(
      [0n, 3n].map((source, at) => ({ source, target: BigInt(at), length: 1n })),
      4n,
    )
    partition.source.compactAway(partition.onSource, 1n)
    const { findings } = await partition.verify({ holesOnly: true })
    expect(findings).toEqual([{ kind: 'unreplicated', source: 2n }])
    expect(partition.head?.unverifiedFrom).toBe(2n)
  })

  it('are lost when they are gone, and the ledger says so, once', async () => {
    const partition = await holed()
    partition.source.deleteBelow(partition.onSource, 2n)
    const { counts, findings } = await partition.verify({ holesOnly: true })
    expect([counts.lost, findings]).toEqual([1, [{ kind: 'lost', source: 1n, to: 2n }]])
    expect(await partition.state.gaps(partition.onSource)).toMatchObject([
      { kind: 'lost', from: 1n, to: 2n, at: 1_000 },
    ])
    expect(partition.head?.unverifiedFrom).toBeUndefined()
    expect((await partition.counts()).lost).toBeUndefined()
  })

  it('are no news when they were confirmed before retention took them', async () => {
    const partition = await holed()
    await partition.verify({ holesOnly: true })
    partition.source.deleteBelow(partition.onSource, 6n)
    expect((await partition.counts()).lost).toBeUndefined()
  })
})

describe('a range that takes longer than there is time', () => {
  it('stops, and goes on where it stopped', async () => {
    const partition = await replicated(...LETTERS)
    let from = 0n
    let verified = 0
    for (;;) {
      const report = await partition.verify({ from }, 0)
      verified += report.counts.verified
      expect(report.next).toBeGreaterThan(from)
      from = report.next
      if (!report.more) break
    }
    expect([verified, from]).toEqual([26, 26n])
  })

  it('stops among target records that no run covers, and tells each of them once', async () => {
    const partition = await replicated('a', 'b')
    const foreign = (count: number, what: string) => Array.from({ length: count }, (_, at) => worded(`${what} ${at}`))
    partition.target.append(partition.onTarget, ...foreign(40, 'between'), worded('b'))
    partition.produce('c')
    await partition.replicate()
    partition.target.append(partition.onTarget, ...foreign(30, 'behind'), worded('a'))
    const whole = await partition.verify()
    expect(whole).toMatchObject({ more: false, counts: { verified: 3, foreign: 70, duplicates: 2 } })
    const { counts, places } = await inLooks(partition)
    expect(counts).toEqual(whole.counts)
    expect(places.length).toBeGreaterThan(70 / 7)
    expect(new Set(places).size).toBe(places.length)
  })

  /** Each look has time for one stretch. */
  const inLooks = async (partition: VerifiedPartition) => {
    const places: string[] = []
    let counts = noCounts()
    let at: Pick<VerifyRange, 'from' | 'uncoveredFrom'> = { from: 0n }
    for (;;) {
      const report = await partition.verify(at, 0)
      counts = addCounts(counts, report.counts)
      if (!report.more) return { counts, places }
      const { next: from, uncoveredFrom } = report
      places.push(`${from} ${uncoveredFrom}`)
      at = { from, ...(uncoveredFrom !== undefined && { uncoveredFrom }) }
    }
  }

  it('goes on among them also where the map before them has nothing but records that came from there', async () => {
    const partition = await replicated('a')
    partition.produce(...LETTERS)
    const looped = LETTERS.map(
      (_, at) => ({ source: BigInt(1 + 2 * at), target: 1n, length: 1n, looped: true }) as const,
    )
    for (const run of looped) await partition.remember([run], run.source + 1n)
    partition.target.append(partition.onTarget, ...LETTERS.map((letter) => worded(`foreign ${letter}`)))
    partition.produce(...LETTERS)
    await partition.replicate()
    const { counts } = await inLooks(partition)
    expect([counts.foreign, counts.looped]).toEqual([26, 26])
    const from = partition.head?.nextSource
    expect((await partition.verify({ from: 52n })).counts.foreign).toBe(26)
    expect(from).toBeGreaterThan(52n)
  })

  it('leaves untold what its target records may be copies of, rather than look around for long', async () => {
    const partition = await replicated(...LETTERS)
    partition.target.append(partition.onTarget, worded('foreign'))
    const slow = Object.assign(partition.deps.clock, { now: () => (partition.now += 4_000) })
    expect(slow.now()).toBe(5_000)
    const { counts, more } = await partition.verify({}, 1_000_000)
    expect([counts.foreign, more]).toEqual([1, false])
    const late = await partition.verify({ from: 25n }, partition.now + 1)
    expect([late.counts.foreign, late.counts.undecided]).toEqual([0, 1])
  })

  it('stops also among records that came from the target, and among runs where only holes are looked at', async () => {
    const partition = new VerifiedPartition()
    for (const letter of LETTERS) {
      partition.source.appendTransaction(partition.onSource, 'commit', worded(letter))
      await partition.replicate()
    }
    const { next, more } = await partition.verify({ holesOnly: true }, 0)
    expect([next, more]).toEqual([1n, true])
    const returned = new VerifiedPartition()
    returned.produce(...LETTERS)
    for (const at of [0n, 2n]) await returned.remember([{ source: at, target: 0n, length: 1n, looped: true }], at + 1n)
    expect(await returned.verify({}, 0)).toMatchObject({ next: 1n, more: true, counts: { looped: 1 } })
  })

  it('waits for an open transaction', async () => {
    const partition = await replicated('a', 'b')
    partition.target.appendTransaction(partition.onTarget, 'open', worded('c'))
    partition.produce('c')
    await partition.remember([{ source: 2n, target: 2n, length: 1n }], 3n)
    const { heldBy, next, more, counts } = await partition.verify()
    expect([heldBy, next, more, counts.verified]).toEqual(['target', 2n, false, 2])
  })

  it('refuses to compare with another life of the topic', async () => {
    const partition = await replicated('a')
    Object.assign(partition.deps.lives, { otherIncarnation: async () => 'another' })
    await expect(partition.verify()).rejects.toMatchObject({ code: 'INCARNATION_CHANGED' })
  })
})
