import { describe, expect, it } from 'vitest'
import type { Gap, Head, Page } from '../../shared/domain/head.ts'
import { INITIAL_STATUS, LINK_MODES } from '../../shared/domain/head.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import type { Run } from '../../shared/domain/run.ts'
import type {
  Clock,
  GapLedger,
  LinkControl,
  LinkState,
  OffsetMapPages,
  PageRemoval,
} from '../../shared/usecases/ports.ts'
import { headIn } from '../../shared/usecases/snapshot-head.ts'
import type { HoleConfirmation } from '../../shared/usecases/verify/verify-ports.ts'

type WholeLinkState = LinkState & OffsetMapPages & PageRemoval & GapLedger & LinkControl & HoleConfirmation

/** Opens a state that holds nothing. */
export type OpenLinkState = (options: {
  readonly clock: Clock
  readonly retentionMs?: number
  readonly initialMode?: 'forwarding' | 'stopped'
}) => Promise<WholeLinkState>

const DEADLINE = { at: Number.POSITIVE_INFINITY, signal: new AbortController().signal }
const ORDERS: PartitionId = { topic: 'orders.eu-1_x', partition: 0 }
const LARGEST = (1n << 63n) - 1n
const NOW = 1_700_000_000_000

const run = (source: bigint, target: bigint, length: bigint): Run => ({ source, target, length })

const HEAD: Head = {
  incarnation: 'AAAAAAAAAAAAAAAAAAAAAA',
  nextSource: 12n,
  nextTarget: 107n,
  openRuns: [run(0n, 100n, 3n), run(5n, 103n, 4n)],
  last: { source: 8n, fingerprint: 'fingerprint', timestamp: -1 },
  unverifiedFrom: 3n,
  rewoundTo: 101n,
  epoch: 3,
  updatedAt: NOW,
}
const NEXT: Head = { ...HEAD, nextSource: 20n, nextTarget: 115n, openRuns: [run(12n, 107n, 8n)], updatedAt: NOW + 1 }
const FIRST_PAGE: Page = {
  incarnation: HEAD.incarnation,
  runs: [run(2n, 50n, 3n), run(7n, 53n, 4n)],
  followedBy: { source: 12n, target: 60n },
}
const SECOND_PAGE: Page = {
  incarnation: HEAD.incarnation,
  runs: [run(12n, 60n, 1n)],
  followedBy: { source: 20n, target: 70n },
}
const LOST: Gap = {
  incarnation: HEAD.incarnation,
  from: 10n,
  to: 20n,
  kind: 'lost',
  reason: 'retention took them',
  at: NOW,
}
const QUARANTINED: Gap = { ...LOST, to: 11n, kind: 'quarantined', storedAt: 'orders/0/10.json' }

const theirs = ({ topic, partition }: PartitionId) => ({ topic, partition })

/** What a link's state promises, whoever keeps it. */
export const linkStateContract = (name: string, open: OpenLinkState): void => {
  const clock = { at: NOW, now: () => clock.at }
  const opened = (): Promise<WholeLinkState> => open({ clock })
  describe(name, () => {
    checkpoints(opened)
    epochs(opened)
    pages(opened)
    gaps(opened)
    control(opened)
    waiting(() => open({ clock, initialMode: 'stopped' }))
    holes(opened)
    expiry(clock, (retentionMs) => open({ clock, retentionMs }))
  })
}

const checkpoints = (opened: () => Promise<WholeLinkState>): void => {
  const storedHead = async (state: WholeLinkState, partition = ORDERS): Promise<Head | undefined> =>
    headIn(await state.read([partition], DEADLINE), partition)

  it('knows nothing of a partition that was never replicated', async () => {
    const state = await opened()
    expect(await state.read([ORDERS], DEADLINE)).toEqual({ status: INITIAL_STATUS, heads: new Map() })
  })

  it('gives a head back as it was written', async () => {
    const state = await opened()
    expect(await state.advance(ORDERS, undefined, HEAD, DEADLINE)).toBe('advanced')
    expect(await storedHead(state)).toEqual(HEAD)
    const bare: Head = { ...HEAD, openRuns: [], last: undefined, unverifiedFrom: undefined, epoch: 3 }
    expect(await state.advance(ORDERS, HEAD, bare, DEADLINE)).toBe('advanced')
    expect(await storedHead(state)).toEqual(bare)
  })

  it('keeps the largest offsets that Kafka has', async () => {
    const state = await opened()
    const far: Head = {
      ...HEAD,
      nextSource: LARGEST,
      nextTarget: LARGEST,
      openRuns: [run(LARGEST - 1n, LARGEST - 1n, 1n)],
    }
    await state.advance(ORDERS, undefined, far, DEADLINE)
    expect(await storedHead(state)).toEqual(far)
  })

  it('reads more partitions than one request takes, and each once', async () => {
    const state = await opened()
    const many = Array.from({ length: 230 }, (_, partition) => ({ topic: 'orders', partition }))
    for (const partition of many.slice(0, 225)) await state.advance(partition, undefined, HEAD, DEADLINE)
    const { heads } = await state.read([...many, ...many], DEADLINE)
    expect([...heads.keys()].sort()).toEqual(
      many
        .slice(0, 225)
        .map(({ partition }) => `orders-${partition}`)
        .sort(),
    )
  })

  it('tells partitions of similar topics apart', async () => {
    const state = await opened()
    await state.advance({ topic: 'orders-1', partition: 1 }, undefined, HEAD, DEADLINE)
    expect(await storedHead(state, { topic: 'orders', partition: 11 })).toBeUndefined()
    expect(await storedHead(state, { topic: 'orders-1', partition: 0 })).toBeUndefined()
  })

  it.each([
    ['the partition is replicated already', undefined, HEAD],
    ['the checkpoint is further', { ...HEAD, nextSource: 11n }, NEXT],
    ['the checkpoint is not there yet', NEXT, { ...NEXT, nextSource: 30n }],
    ['the topic was created again', { ...HEAD, incarnation: 'BBBBBBBBBBBBBBBBBBBBBB' }, NEXT],
  ])('moves no checkpoint when %s', async (_why, from, to) => {
    const state = await opened()
    await state.advance(ORDERS, undefined, { ...HEAD, updatedAt: NOW - 1 }, DEADLINE)
    expect(await state.advance(ORDERS, from, to, DEADLINE)).toBe('checkpoint-moved')
    expect(await storedHead(state)).toEqual({ ...HEAD, updatedAt: NOW - 1 })
  })

  it('moves no checkpoint that is gone', async () => {
    const state = await opened()
    expect(await state.advance(ORDERS, HEAD, NEXT, DEADLINE)).toBe('checkpoint-moved')
    expect(await storedHead(state)).toBeUndefined()
  })

  it('lets one of several win', async () => {
    const state = await opened()
    await state.advance(ORDERS, undefined, HEAD, DEADLINE)
    const rivals = Array.from({ length: 5 }, (_, at) => ({ ...NEXT, updatedAt: NOW + at }))
    const outcomes = await Promise.all(rivals.map((to) => state.advance(ORDERS, HEAD, to, DEADLINE)))
    expect(outcomes.filter((outcome) => outcome === 'advanced')).toHaveLength(1)
    expect(await storedHead(state)).toEqual(rivals[outcomes.indexOf('advanced')])
  })

  it('goes back only from the runs that were read, since it comes by the same offsets again', async () => {
    const state = await opened()
    await state.advance(ORDERS, undefined, HEAD, DEADLINE)
    const begun: Head = { ...HEAD, nextSource: 0n, openRuns: [], refillBelow: 12n }
    const grown = { nextSource: HEAD.nextSource, nextTarget: 212n, openRuns: [run(0n, 200n, 12n)] }
    const again: Head = { ...begun, ...grown }
    expect(await state.advance(ORDERS, { ...HEAD, openRuns: [] }, begun, DEADLINE)).toBe('checkpoint-moved')
    expect(await state.advance(ORDERS, HEAD, begun, DEADLINE)).toBe('advanced')
    expect(await storedHead(state)).toEqual(begun)
    expect(await state.advance(ORDERS, begun, again, DEADLINE)).toBe('advanced')
    expect(await state.advance(ORDERS, HEAD, begun, DEADLINE)).toBe('checkpoint-moved')
    expect(await storedHead(state)).toEqual(again)
  })

  it('recognises its own write when it is asked again', async () => {
    const state = await opened()
    expect(await state.advance(ORDERS, undefined, HEAD, DEADLINE)).toBe('advanced')
    expect(await state.advance(ORDERS, undefined, HEAD, DEADLINE)).toBe('advanced')
    expect(await state.advance(ORDERS, HEAD, NEXT, DEADLINE)).toBe('advanced')
    expect(await state.advance(ORDERS, HEAD, NEXT, DEADLINE)).toBe('advanced')
    expect(await state.advance(ORDERS, HEAD, { ...NEXT, nextTarget: 116n }, DEADLINE)).toBe('checkpoint-moved')
  })
}

const epochs = (opened: () => Promise<WholeLinkState>): void => {
  it('refuses an epoch that is older than the head, and takes a later one', async () => {
    const state = await opened()
    await state.advance(ORDERS, undefined, HEAD, DEADLINE)
    expect(await state.advance(ORDERS, HEAD, { ...NEXT, epoch: 2 }, DEADLINE)).toBe('epoch-stale')
    expect(await state.advance(ORDERS, HEAD, { ...NEXT, epoch: 4 }, DEADLINE)).toBe('advanced')
    expect(await state.advance(ORDERS, HEAD, { ...NEXT, epoch: 3 }, DEADLINE)).toBe('epoch-stale')
  })
}

const pages = (opened: () => Promise<WholeLinkState>): void => {
  const sealed = async (...written: Page[]): Promise<WholeLinkState> => {
    const state = await opened()
    await state.seal(ORDERS, written, DEADLINE)
    return state
  }

  it.each([
    ['before the first page', 1n, undefined],
    ['at its first offset', 2n, FIRST_PAGE],
    ['in the hole after it', 11n, FIRST_PAGE],
    ['in the next page', 12n, SECOND_PAGE],
    ['far beyond', LARGEST, SECOND_PAGE],
    ['below zero', -1n, undefined],
  ])('finds the page %s by source offset', async (_where, source, expected) => {
    const state = await sealed(FIRST_PAGE, SECOND_PAGE)
    expect(await state.pageAtSource(ORDERS, HEAD.incarnation, source, DEADLINE)).toEqual(expected)
  })

  it.each([
    ['before the first page', 49n, undefined],
    ['at its first offset', 50n, FIRST_PAGE],
    ['in the hole after it', 59n, FIRST_PAGE],
    ['in the next page', 60n, SECOND_PAGE],
    ['below zero', -1n, undefined],
  ])('finds the page %s by target offset', async (_where, target, expected) => {
    const state = await sealed(FIRST_PAGE, SECOND_PAGE)
    expect(await state.pageAtTarget(ORDERS, HEAD.incarnation, target, DEADLINE)).toEqual(expected)
  })

  it('orders pages by offset, not by digits', async () => {
    const tenth: Page = { ...FIRST_PAGE, runs: [run(10n, 100n, 1n)], followedBy: { source: 20n, target: 200n } }
    const ninth: Page = { ...FIRST_PAGE, runs: [run(9n, 99n, 1n)], followedBy: { source: 10n, target: 100n } }
    const state = await sealed(ninth, tenth)
    expect(await state.pageAtSource(ORDERS, HEAD.incarnation, 9n, DEADLINE)).toEqual(ninth)
    expect(await state.pageAtTarget(ORDERS, HEAD.incarnation, 100n, DEADLINE)).toEqual(tenth)
    expect(await state.oldestPage(ORDERS, HEAD.incarnation, DEADLINE)).toEqual(ninth)
  })

  it('finds a page by what it has on the target, which looped runs have not', async () => {
    const loopedOnly: Page = {
      ...FIRST_PAGE,
      runs: [{ ...run(12n, 57n, 3n), looped: true }],
      followedBy: { source: 16n },
    }
    const mixed: Page = {
      ...FIRST_PAGE,
      runs: [{ ...run(16n, 57n, 1n), looped: true }, run(17n, 60n, 3n)],
      followedBy: { source: 20n, target: 70n },
    }
    const state = await sealed(FIRST_PAGE, loopedOnly, mixed)
    expect(await state.pageAtSource(ORDERS, HEAD.incarnation, 14n, DEADLINE)).toEqual(loopedOnly)
    expect(await state.pageAtTarget(ORDERS, HEAD.incarnation, 57n, DEADLINE)).toEqual(FIRST_PAGE)
    expect(await state.pageAtTarget(ORDERS, HEAD.incarnation, 59n, DEADLINE)).toEqual(FIRST_PAGE)
    expect(await state.pageAtTarget(ORDERS, HEAD.incarnation, 60n, DEADLINE)).toEqual(mixed)
  })

  it('keeps incarnations and partitions apart, and pages from heads and gaps', async () => {
    const state = await sealed(FIRST_PAGE)
    await state.advance(ORDERS, undefined, HEAD, DEADLINE)
    await state.recordGap(ORDERS, LOST, DEADLINE)
    for (const incarnation of ['AAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAB', '']) {
      expect(await state.pageAtSource(ORDERS, incarnation, LARGEST, DEADLINE)).toBeUndefined()
      expect(await state.pageAtTarget(ORDERS, incarnation, LARGEST, DEADLINE)).toBeUndefined()
      expect(await state.oldestPage(ORDERS, incarnation, DEADLINE)).toBeUndefined()
    }
    expect(await state.oldestPage({ ...ORDERS, partition: 1 }, HEAD.incarnation, DEADLINE)).toBeUndefined()
  })

  it('takes away pages of one life, and no other page', async () => {
    const state = await opened()
    const grown: Page = { ...SECOND_PAGE, runs: [run(12n, 90n, 5n)] }
    const others = { ...FIRST_PAGE, incarnation: 'BBBBBBBBBBBBBBBBBBBBBB' }
    await state.seal(ORDERS, [FIRST_PAGE, SECOND_PAGE, others], DEADLINE)
    const found = await state.sealed(ORDERS, HEAD.incarnation, DEADLINE)
    expect(found).toEqual([FIRST_PAGE, SECOND_PAGE])
    await state.seal(ORDERS, [grown], DEADLINE)
    for (const _ of [1, 2]) await state.unseal(ORDERS, found, DEADLINE)
    expect(await state.sealed(ORDERS, HEAD.incarnation, DEADLINE)).toEqual([grown])
    expect(await state.oldestPage(ORDERS, others.incarnation, DEADLINE)).toEqual(others)
  })

  it('never lets a page shrink, and lets it grow', async () => {
    const [first, second] = FIRST_PAGE.runs
    const shorter: Page = { ...FIRST_PAGE, runs: [first], followedBy: second ?? first }
    const state = await sealed(shorter)
    await state.seal(ORDERS, [FIRST_PAGE], DEADLINE)
    expect(await state.oldestPage(ORDERS, HEAD.incarnation, DEADLINE)).toEqual(FIRST_PAGE)
    await state.seal(ORDERS, [shorter], DEADLINE)
    expect(await state.oldestPage(ORDERS, HEAD.incarnation, DEADLINE)).toEqual(FIRST_PAGE)
  })
}

const gaps = (opened: () => Promise<WholeLinkState>): void => {
  it('lists gaps by where they begin', async () => {
    const state = await opened()
    const ninth: Gap = { ...QUARANTINED, from: 9n, to: 10n }
    for (const gap of [QUARANTINED, LOST, ninth]) await state.recordGap(ORDERS, gap, DEADLINE)
    expect(await state.gaps(ORDERS, DEADLINE)).toEqual([ninth, LOST, QUARANTINED])
    expect(await state.gaps({ ...ORDERS, partition: 1 }, DEADLINE)).toEqual([])
  })

  it('widens a gap that is found again, and never narrows one', async () => {
    const state = await opened()
    const wider: Gap = { ...LOST, to: 25n, at: NOW + 1 }
    for (const gap of [LOST, { ...LOST, at: NOW + 5 }, wider, LOST]) await state.recordGap(ORDERS, gap, DEADLINE)
    expect(await state.gaps(ORDERS, DEADLINE)).toEqual([wider])
  })

  it('leaves the record in quarantine when retention takes it too', async () => {
    const state = await opened()
    for (const gap of [QUARANTINED, LOST]) await state.recordGap(ORDERS, gap, DEADLINE)
    expect(await state.gaps(ORDERS, DEADLINE)).toEqual([LOST, QUARANTINED])
  })

  it('marks a gap as replayed once, and does not forget it when the gap is found again', async () => {
    const state = await opened()
    expect(await state.markReplayed(ORDERS, QUARANTINED, NOW, DEADLINE)).toBe('unknown')
    expect(await state.gaps(ORDERS, DEADLINE)).toEqual([])
    await state.recordGap(ORDERS, QUARANTINED, DEADLINE)
    expect(await state.markReplayed(ORDERS, QUARANTINED, NOW + 1, DEADLINE)).toBe('marked')
    expect(await state.markReplayed(ORDERS, QUARANTINED, NOW + 1, DEADLINE)).toBe('marked')
    expect(await state.markReplayed(ORDERS, QUARANTINED, NOW + 2, DEADLINE)).toBe('already-replayed')
    await state.recordGap(ORDERS, QUARANTINED, DEADLINE)
    expect(await state.gaps(ORDERS, DEADLINE)).toEqual([{ ...QUARANTINED, replayedAt: NOW + 1 }])
  })
}

/** A link that a failover is to start. */
const waiting = (opened: () => Promise<WholeLinkState>): void => {
  const WAITING = { mode: 'stopped', role: 'active', epoch: 0 } as const

  it('begins as it was deployed, and not as a link that forwards', async () => {
    const state = await opened()
    expect((await state.read([ORDERS], DEADLINE)).status).toEqual(WAITING)
    expect(await state.setStatus(INITIAL_STATUS, { ...INITIAL_STATUS, epoch: 1 }, DEADLINE)).toBe('moved')
    expect(await state.setStatus(WAITING, { ...INITIAL_STATUS, epoch: 1 }, DEADLINE)).toBe('changed')
    expect((await state.read([], DEADLINE)).status).toEqual({ ...INITIAL_STATUS, epoch: 1 })
  })
}

const control = (opened: () => Promise<WholeLinkState>): void => {
  const STOPPED = { mode: 'stopped', role: 'active', epoch: 1 } as const

  it('changes the status only from what was read', async () => {
    const state = await opened()
    expect(await state.setStatus(STOPPED, { ...STOPPED, mode: 'draining' }, DEADLINE)).toBe('moved')
    expect(await state.setStatus(INITIAL_STATUS, STOPPED, DEADLINE)).toBe('changed')
    expect(await state.setStatus(INITIAL_STATUS, STOPPED, DEADLINE)).toBe('changed')
    expect((await state.read([], DEADLINE)).status).toEqual(STOPPED)
    expect(await state.setStatus(INITIAL_STATUS, { ...STOPPED, epoch: 2 }, DEADLINE)).toBe('moved')
    expect(await state.setStatus(STOPPED, INITIAL_STATUS, DEADLINE)).toBe('changed')
    expect(await state.setStatus(INITIAL_STATUS, { ...STOPPED, epoch: 2 }, DEADLINE)).toBe('changed')
    expect((await state.read([ORDERS], DEADLINE)).status).toEqual({ ...STOPPED, epoch: 2 })
  })

  it.each([
    ['mode', { mode: 'draining' }],
    ['role', { role: 'standby' }],
    ['epoch', { epoch: 2 }],
  ] as const)('changes no status whose %s is another one', async (_what, other) => {
    const state = await opened()
    await state.setStatus(INITIAL_STATUS, STOPPED, DEADLINE)
    expect(await state.setStatus({ ...STOPPED, ...other }, { ...STOPPED, epoch: 3 }, DEADLINE)).toBe('moved')
    expect((await state.read([], DEADLINE)).status).toEqual(STOPPED)
  })

  it.each(LINK_MODES)('keeps that the link is %s', async (mode) => {
    const state = await opened()
    await state.setStatus(INITIAL_STATUS, { ...STOPPED, mode }, DEADLINE)
    expect((await state.read([], DEADLINE)).status.mode).toBe(mode)
  })

  it('lists the partitions that were ever replicated', async () => {
    const state = await opened()
    const replicated = [ORDERS, { topic: 'orders', partition: 12 }]
    for (const partition of replicated) await state.advance(partition, undefined, HEAD, DEADLINE)
    await state.seal({ topic: 'pages-only', partition: 0 }, [FIRST_PAGE], DEADLINE)
    await state.recordGap({ topic: 'gaps-only', partition: 0 }, LOST, DEADLINE)
    await state.setStatus(INITIAL_STATUS, STOPPED, DEADLINE)
    const found = (await state.partitions(DEADLINE)).map(theirs)
    expect(found).toHaveLength(2)
    expect(found).toEqual(expect.arrayContaining(replicated.map(theirs)))
  })
}

const expiry = (clock: { at: number }, open: (retentionMs: number) => Promise<WholeLinkState>): void => {
  const DAY_MS = 86_400_000

  it('forgets pages and gaps after their retention, and heads never', async () => {
    clock.at = NOW
    const state = await open(DAY_MS)
    await state.advance(ORDERS, undefined, HEAD, DEADLINE)
    await state.seal(ORDERS, [FIRST_PAGE], DEADLINE)
    await state.recordGap(ORDERS, LOST, DEADLINE)
    clock.at = NOW + DAY_MS / 2
    await state.seal(ORDERS, [FIRST_PAGE, SECOND_PAGE], DEADLINE)
    clock.at = NOW + DAY_MS - 1
    expect(await state.oldestPage(ORDERS, HEAD.incarnation, DEADLINE)).toEqual(FIRST_PAGE)
    expect(await state.gaps(ORDERS, DEADLINE)).toEqual([LOST])
    clock.at = NOW + DAY_MS + 1
    expect(await state.oldestPage(ORDERS, HEAD.incarnation, DEADLINE)).toEqual(SECOND_PAGE)
    expect(await state.pageAtSource(ORDERS, HEAD.incarnation, 5n, DEADLINE)).toBeUndefined()
    expect(await state.pageAtTarget(ORDERS, HEAD.incarnation, 52n, DEADLINE)).toBeUndefined()
    expect(await state.pageAtTarget(ORDERS, HEAD.incarnation, 60n, DEADLINE)).toEqual(SECOND_PAGE)
    expect(await state.gaps(ORDERS, DEADLINE)).toEqual([])
    clock.at = NOW + 2 * DAY_MS
    expect(await state.oldestPage(ORDERS, HEAD.incarnation, DEADLINE)).toBeUndefined()
    expect((await state.read([ORDERS], DEADLINE)).heads.size).toBe(1)
    clock.at = NOW
  })
}

const holes = (opened: () => Promise<WholeLinkState>): void => {
  const unverifiedAfter = async (seen: Head, to: bigint, stored: Head = HEAD): Promise<bigint | undefined> => {
    const state = await opened()
    await state.advance(ORDERS, undefined, stored, DEADLINE)
    await state.confirmHoles(ORDERS, seen, to, DEADLINE)
    expect(headIn(await state.read([ORDERS], DEADLINE), ORDERS)).toEqual(stored)
    const head = headIn(await state.readVerified([ORDERS], DEADLINE), ORDERS)
    expect({ ...head, unverifiedFrom: undefined }).toEqual({ ...stored, unverifiedFrom: undefined })
    return head?.unverifiedFrom
  }

  it('confirms the holes that were read, and changes nothing else of the head', async () => {
    expect(await unverifiedAfter(HEAD, 7n)).toBe(7n)
    expect(await unverifiedAfter(HEAD, 12n)).toBeUndefined()
    expect(await unverifiedAfter(HEAD, 3n)).toBe(3n)
  })

  it('leaves those unread that came while the others were read', async () => {
    expect(await unverifiedAfter(HEAD, 12n, NEXT)).toBe(12n)
  })

  it('stays confirmed while somebody who had read the head before moves the checkpoint', async () => {
    const state = await opened()
    await state.advance(ORDERS, undefined, HEAD, DEADLINE)
    await state.confirmHoles(ORDERS, HEAD, 12n, DEADLINE)
    await state.confirmHoles(ORDERS, HEAD, 7n, DEADLINE)
    await state.advance(ORDERS, HEAD, NEXT, DEADLINE)
    expect(headIn(await state.readVerified([ORDERS], DEADLINE), ORDERS)?.unverifiedFrom).toBe(12n)
    const others = [{ ...ORDERS, partition: 1 }]
    expect((await state.readVerified(others, DEADLINE)).heads.size).toBe(0)
  })

  it('takes back nothing that somebody else has confirmed, and nothing of another life of the topic', async () => {
    expect(await unverifiedAfter(HEAD, 7n, { ...HEAD, unverifiedFrom: 9n })).toBe(9n)
    expect(await unverifiedAfter(HEAD, 7n, { ...HEAD, unverifiedFrom: undefined })).toBeUndefined()
    expect(await unverifiedAfter(HEAD, 7n, { ...HEAD, incarnation: 'BBBBBBBBBBBBBBBBBBBBBB' })).toBe(3n)
  })
}
