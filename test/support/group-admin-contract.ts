import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import type { CommittedOffset, GroupKind, ListedGroup } from '../../shared/domain/groups/group-facts.ts'
import type { CommitAnswers, GroupAdmin, GroupOffsets, NewOffsets } from '../../shared/usecases/groups/group-ports.ts'
import { inTime } from './in-time.ts'

export interface OpenTransaction {
  end(how: 'commit' | 'abort'): Promise<void>
}

/** What is needed to hold a `GroupAdmin` to its contract. No topic begins with `absent`. */
export interface GroupWorld {
  readonly admin: GroupAdmin
  /** How many requests the cluster got so far that concern groups. */
  requests(): number
  makeTopics(topics: readonly string[], partitions: number): Promise<void>
  /** A member comes, and the group is live; returns how it goes. */
  join(group: string, topic: string, kind: 'classic' | 'consumer'): Promise<() => Promise<void>>
  /** Takes an offset of partition 0 into a transaction and leaves it open. */
  begin(group: string, topic: string, offset: bigint): Promise<OpenTransaction>
  /** Protocols that the cluster speaks with members. */
  readonly kinds: readonly ('classic' | 'consumer')[]
  /** As many groups as the world can bear, with as many partitions each. */
  readonly many: { readonly groups: number; readonly partitions: number }
  close?(): Promise<void>
}

type Offsets = Readonly<Record<string, Readonly<Record<number, bigint | CommittedOffset>>>>

export const newOffsets = (offsets: Offsets): NewOffsets =>
  new Map(
    Object.entries(offsets).map(([topic, ofTopic]) => [
      topic,
      new Map(
        Object.entries(ofTopic).map(([partition, offset]) => [
          Number(partition),
          typeof offset === 'bigint' ? { offset, metadata: '' } : offset,
        ]),
      ),
    ]),
  )

const outcome = (answer: { readonly kind: string; readonly error?: unknown; readonly offset?: bigint }): unknown => {
  if (answer.error instanceof Error && 'code' in answer.error) return answer.error.code
  return answer.offset ?? answer.kind
}

/** As `{ 'orders-0': 7n, 'orders-1': 'unstable' }`, or the code of an error. */
export const outcomes = (answers: CommitAnswers | GroupOffsets | Error | undefined): unknown => {
  if (answers === undefined) return 'no answer'
  if (answers instanceof Error) return 'code' in answers ? answers.code : answers
  return Object.fromEntries(
    [...answers].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, answer]) => [`${topic}-${partition}`, outcome(answer)]),
    ),
  )
}

/** A coordinator shows a member a moment after it came or went. */
const SHOWN_WITHIN_MS = 20_000

/** The sentences that hold for every `GroupAdmin`, of a target. */
export const describeGroupAdmin = (name: string, open: () => Promise<GroupWorld>) =>
  describe(`${name} keeps the contract of a group admin`, () => {
    let world: GroupWorld
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world?.close?.())

    const commit = async (group: string, offsets: Offsets): Promise<unknown> =>
      outcomes((await world.admin.commit(new Map([[group, newOffsets(offsets)]]), inTime())).get(group))
    const committed = async (group: string): Promise<unknown> =>
      outcomes((await world.admin.committed([group], inTime())).get(group))
    const listed = async (group: string): Promise<ListedGroup | undefined> =>
      (await world.admin.list(inTime())).groups.get(group)
    const becomes = (group: string, life: ListedGroup['life']): Promise<ListedGroup> =>
      eventually(
        `${group} to be ${life}`,
        async () => {
          const seen = await listed(group)
          return seen?.life === life && seen
        },
        { withinMs: SHOWN_WITHIN_MS },
      )

    it('says nothing where nothing was committed: that is not zero', async () => {
      await world.makeTopics(['first'], 2)
      expect(await committed('nobody')).toEqual({})
      expect(await commit('somebody', { first: { 0: 0n } })).toEqual({ 'first-0': 'committed' })
      expect(await committed('somebody')).toEqual({ 'first-0': 0n })
    })

    it('keeps several groups, topics and partitions apart', async () => {
      await world.makeTopics(['left', 'right'], 3)
      const wanted = new Map([
        ['one', newOffsets({ left: { 0: 10n, 2: 12n }, right: { 1: 21n } })],
        ['two', newOffsets({ right: { 1: 99n } })],
      ])
      const answers = await world.admin.commit(wanted, inTime())
      expect(outcomes(answers.get('one'))).toEqual({
        'left-0': 'committed',
        'left-2': 'committed',
        'right-1': 'committed',
      })
      expect(outcomes(answers.get('two'))).toEqual({ 'right-1': 'committed' })
      const read = await world.admin.committed(['one', 'two', 'three', 'one'], inTime())
      expect([...read.keys()].sort()).toEqual(['one', 'three', 'two'])
      expect(outcomes(read.get('one'))).toEqual({ 'left-0': 10n, 'left-2': 12n, 'right-1': 21n })
      expect(outcomes(read.get('two'))).toEqual({ 'right-1': 99n })
      expect(outcomes(read.get('three'))).toEqual({})
    })

    it('carries what the client noted, and of which epoch the record before was', async () => {
      await world.makeTopics(['noted'], 3)
      const noted = { offset: 5n, leaderEpoch: 0, metadata: 'till 5, „naïve“ ☃' }
      await commit('noting', { noted: { 0: noted, 1: 6n } })
      const read = (await world.admin.committed(['noting'], inTime())).get('noting')
      const ofTopic = read instanceof Error ? undefined : read?.get('noted')
      expect(ofTopic?.get(0)).toEqual({ kind: 'committed', ...noted })
      expect(ofTopic?.get(1)).toEqual({ kind: 'committed', offset: 6n, metadata: '' })
    })

    it('replaces what stood there, also by less, and leaves the rest', async () => {
      await world.makeTopics(['replaced'], 2)
      await commit('moving', { replaced: { 0: 9n, 1: 9n } })
      await commit('moving', { replaced: { 0: 4n } })
      expect(await committed('moving')).toEqual({ 'replaced-0': 4n, 'replaced-1': 9n })
    })

    it('lists a group that only ever had offsets, as one without members', async () => {
      await world.makeTopics(['listed'], 1)
      await commit('offsets-only', { listed: { 0: 1n } })
      const { groups, troubles } = await world.admin.list(inTime())
      expect(groups.get('offsets-only')).toEqual({ group: 'offsets-only', life: 'empty', kind: 'classic' })
      expect(groups.has('never-seen')).toBe(false)
      expect(troubles).toEqual([])
    })

    it.each(['classic', 'consumer'] as const)(
      'never moves a %s group with members, and moves it after',
      async (kind) => {
        const [group, topic] = [`members-${kind}`, `live-${kind}`]
        await world.makeTopics([topic], 2)
        await commit(group, { [topic]: { 0: 3n } })
        const spoken = world.kinds.includes(kind) ? kind : 'classic'
        const leave = await world.join(group, topic, spoken)
        expect(await becomes(group, 'live')).toEqual({ group, life: 'live', kind: spoken satisfies GroupKind })
        expect(await commit(group, { [topic]: { 0: 8n, 1: 8n } })).toEqual({
          [`${topic}-0`]: 'live',
          [`${topic}-1`]: 'live',
        })
        expect(await committed(group)).toEqual({ [`${topic}-0`]: 3n })
        await leave()
        await becomes(group, 'empty')
        expect(await commit(group, { [topic]: { 0: 8n } })).toEqual({ [`${topic}-0`]: 'committed' })
        expect(await committed(group)).toEqual({ [`${topic}-0`]: 8n })
      },
    )

    it('is refused by the coordinator when somebody joins between the check and the commit', async () => {
      await world.makeTopics(['raced'], 1)
      await commit('racing', { raced: { 0: 3n } })
      await commit('standing', { raced: { 0: 3n } })
      const checked = await world.admin.list(inTime())
      expect([checked.groups.get('racing')?.life, checked.groups.get('standing')?.life]).toEqual(['empty', 'empty'])
      const leave = await world.join('racing', 'raced', 'classic')
      const wanted = ['racing', 'standing'].map((group) => [group, newOffsets({ raced: { 0: 8n } })] as const)
      const answers = await world.admin.commit(new Map(wanted), inTime())
      expect(outcomes(answers.get('racing'))).toEqual({ 'raced-0': 'live' })
      expect(outcomes(answers.get('standing'))).toEqual({ 'raced-0': 'committed' })
      await leave()
    })

    it.each([
      { how: 'commit', stands: 7n },
      { how: 'abort', stands: 2n },
    ] as const)('calls unstable what an open transaction would move, until its $how', async ({ how, stands }) => {
      const [group, topic] = [`${how}ting`, `transacted-${how}`]
      await world.makeTopics([topic], 2)
      await commit(group, { [topic]: { 0: 2n, 1: 5n } })
      await commit(`${group}-not`, { [topic]: { 0: 1n } })
      const transaction = await world.begin(group, topic, 7n)
      const read = await world.admin.committed([group, `${group}-not`], inTime())
      expect(outcomes(read.get(group))).toEqual({ [`${topic}-0`]: 'unstable', [`${topic}-1`]: 5n })
      expect(outcomes(read.get(`${group}-not`))).toEqual({ [`${topic}-0`]: 1n })
      await transaction.end(how)
      await expect
        .poll(() => committed(group), { timeout: SHOWN_WITHIN_MS })
        .toEqual({ [`${topic}-0`]: stands, [`${topic}-1`]: 5n })
    })

    it('does not know of a first commit that is still in a transaction', async () => {
      await world.makeTopics(['first-time'], 1)
      const transaction = await world.begin('beginner', 'first-time', 7n)
      expect(await committed('beginner')).toEqual({})
      await transaction.end('commit')
      await expect.poll(() => committed('beginner'), { timeout: SHOWN_WITHIN_MS }).toEqual({ 'first-time-0': 7n })
    })

    it('takes a commit while a transaction is open, and the transaction does not undo it', async () => {
      await world.makeTopics(['overtaken'], 1)
      await commit('overtaking', { overtaken: { 0: 1n } })
      const transaction = await world.begin('overtaking', 'overtaken', 7n)
      expect(await commit('overtaking', { overtaken: { 0: 3n } })).toEqual({ 'overtaken-0': 'committed' })
      await transaction.end('commit')
      await expect.poll(() => committed('overtaking'), { timeout: SHOWN_WITHIN_MS }).toEqual({ 'overtaken-0': 3n })
    })

    it('fails for a topic that is not there, and for that only', async () => {
      await world.makeTopics(['present'], 1)
      expect(await commit('half', { present: { 0: 1n }, absent: { 0: 1n } })).toEqual({
        'present-0': 'committed',
        'absent-0': 'TARGET_TOPIC_UNKNOWN',
      })
      expect(await committed('half')).toEqual({ 'present-0': 1n })
    })

    it('asks and changes nothing once the deadline has passed', async () => {
      await world.makeTopics(['belated'], 1)
      const late = { at: Date.now() - 1, signal: AbortSignal.abort() }
      const unreachable = { code: 'TARGET_UNREACHABLE' }
      const wanted = new Map([['late', newOffsets({ belated: { 0: 1n } })]])
      await expect(world.admin.commit(wanted, late)).rejects.toMatchObject(unreachable)
      await expect(world.admin.committed(['late'], late)).rejects.toMatchObject(unreachable)
      await expect(world.admin.list(late)).rejects.toMatchObject(unreachable)
      expect(await committed('late')).toEqual({})
    })

    it('asks nothing for nothing', async () => {
      const before = world.requests()
      expect([...(await world.admin.committed([], inTime()))]).toEqual([])
      expect([...(await world.admin.commit(new Map(), inTime()))]).toEqual([])
      expect(world.requests()).toBe(before)
    })

    it('reads many groups with few requests, and commits with one for each', async () => {
      const { groups, partitions } = world.many
      await world.makeTopics(['many'], partitions)
      const names = Array.from({ length: groups }, (_, index) => `many-${index}`)
      const offsetsOf = (group: number) =>
        Object.fromEntries(Array.from({ length: partitions }, (_, partition) => [partition, BigInt(group + partition)]))
      const wanted = new Map(names.map((group, index) => [group, newOffsets({ many: offsetsOf(index) })]))
      const cost = async <Answer>(ask: () => Promise<Answer>): Promise<[Answer, number]> => {
        const before = world.requests()
        return [await ask(), world.requests() - before]
      }
      const [answers, committing] = await cost(() => world.admin.commit(wanted, inTime()))
      const kinds = [...answers.values()].flatMap((topics) => [...topics.values()].flatMap((of) => [...of.values()]))
      expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(['committed']))
      expect(kinds.length).toBe(groups * partitions)
      expect(committing).toBeLessThanOrEqual(groups + Math.ceil(groups / 100))
      const [read, reading] = await cost(() => world.admin.committed(names, inTime()))
      expect(reading).toBeLessThanOrEqual(Math.ceil(groups / 50))
      expect(outcomes(read.get(`many-${groups - 1}`))).toEqual(
        Object.fromEntries(Object.entries(offsetsOf(groups - 1)).map(([at, offset]) => [`many-${at}`, offset])),
      )
      const [{ groups: all }, listing] = await cost(() => world.admin.list(inTime()))
      expect(names.every((group) => all.get(group)?.life === 'empty')).toBe(true)
      expect(listing).toBe(1)
    })
  })
