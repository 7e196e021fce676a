import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import type { NewTopic, TopicFacts, TopicSettings } from '../../shared/domain/topics/topic-facts.ts'
import type { TopicAdmin } from '../../shared/usecases/topics/topic-ports.ts'
import { inTime } from './target-log-contract.ts'

/** What is needed to hold a `TopicAdmin` to its contract. */
export interface TopicWorld {
  readonly admin: TopicAdmin
  /** How many requests the cluster got so far. */
  requests(): number
  /** As many topics as the world can bear. */
  readonly many: number
  readonly brokers: number
  close?(): Promise<void>
}

/** A cluster shows a change a moment after it was made. */
const SHOWN_WITHIN_MS = 20_000

export const newTopic = (topic: string, partitions = 1, settings: Readonly<Record<string, string>> = {}): NewTopic => ({
  topic,
  partitions,
  replicationFactor: 1,
  settings: new Map(Object.entries(settings)),
})

const codes = (answers: ReadonlyMap<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    [...answers].map(([topic, answer]) => [
      topic,
      answer instanceof Error && 'code' in answer ? answer.code : typeof answer === 'string' ? answer : 'there',
    ]),
  )

/** The sentences that hold for every `TopicAdmin`, of a target. */
export const describeTopicAdmin = (name: string, open: () => Promise<TopicWorld>) =>
  describe(`${name} keeps the contract of a topic admin`, () => {
    let world: TopicWorld
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world?.close?.())

    const shown = (topic: string, as: (facts: TopicFacts | undefined) => boolean): Promise<{ facts?: TopicFacts }> =>
      eventually(
        `${topic} to be shown`,
        async () => {
          const facts = (await world.admin.describe(inTime())).topics.get(topic)
          return as(facts) && (facts === undefined ? {} : { facts })
        },
        { withinMs: SHOWN_WITHIN_MS },
      )
    const there = (topic: string) => shown(topic, (facts) => facts !== undefined)
    const gone = (topic: string) => shown(topic, (facts) => facts === undefined)

    const create = async (...topics: NewTopic[]): Promise<void> => {
      const answers = await world.admin.create(topics, inTime())
      expect(codes(answers)).toEqual(Object.fromEntries(topics.map(({ topic }) => [topic, 'created'])))
      for (const { topic } of topics) await there(topic)
    }

    const settingsOf = async (topic: string): Promise<TopicSettings> => {
      const settings = (await world.admin.settings([topic], inTime())).get(topic)
      if (settings === undefined || settings instanceof Error) throw new Error(`no settings of ${topic}: ${settings}`)
      return settings
    }

    /** Of the topic itself. */
    const ownSettings = async (topic: string): Promise<Record<string, string | undefined>> =>
      Object.fromEntries(
        [...(await settingsOf(topic))]
          .filter(([, { origin }]) => origin === 'topic')
          .map(([setting, { value }]) => [setting, value]),
      )

    const ownSettingsBecome = (topic: string, expected: Record<string, string>): Promise<void> =>
      expect.poll(() => ownSettings(topic), { timeout: SHOWN_WITHIN_MS }).toEqual(expected)

    it('tells of the cluster and of each topic', async () => {
      await create(newTopic('plain', 3), newTopic('__consumer_offsets', 1))
      const { clusterId, brokers, topics, undescribed } = await world.admin.describe(inTime())
      expect(clusterId).toMatch(/^[\w-]{22}$/)
      expect(brokers).toBe(world.brokers)
      expect([...undescribed]).toEqual([])
      const incarnation = expect.stringMatching(/^[\w-]{22}$/)
      const plain = { topic: 'plain', partitions: 3, replicationFactor: 1, internal: false, incarnation }
      expect(topics.get('plain')).toEqual(plain)
      expect(topics.get('__consumer_offsets')).toMatchObject({ internal: true })
    })

    it('tells a topic that was deleted and created again from the one before', async () => {
      await create(newTopic('reborn'))
      const { facts: before } = await there('reborn')
      expect(codes(await world.admin.remove(['reborn'], inTime()))).toEqual({ reborn: 'removed' })
      await gone('reborn')
      await create(newTopic('reborn'))
      const { facts: after } = await there('reborn')
      expect(after?.incarnation).not.toBe(before?.incarnation)
    })

    it('tells what is set for a topic from what it inherits', async () => {
      await create(newTopic('set', 1, { 'retention.ms': '12345', 'cleanup.policy': 'compact' }))
      const settings = await settingsOf('set')
      const open = { sensitive: false, readOnly: false }
      expect(settings.get('retention.ms')).toEqual({ value: '12345', origin: 'topic', ...open })
      expect(settings.get('segment.bytes')).toEqual({ value: '1073741824', origin: 'inherited', ...open })
      await ownSettingsBecome('set', { 'retention.ms': '12345', 'cleanup.policy': 'compact' })
    })

    it('takes a topic for its own that is set to what it would inherit', async () => {
      await create(newTopic('as-inherited', 1, { 'segment.bytes': '1073741824' }))
      expect(await ownSettings('as-inherited')).toEqual({ 'segment.bytes': '1073741824' })
    })

    it('makes no topic twice, and lets none that exists stop another', async () => {
      await create(newTopic('old', 2))
      const answers = await world.admin.create([newTopic('old', 5), newTopic('new')], inTime())
      expect(codes(answers)).toEqual({ old: 'TOPIC_EXISTS', new: 'created' })
      await there('new')
      expect((await there('old')).facts?.partitions).toBe(2)
    })

    it('refuses a topic with more replicas than there are brokers, or with a setting that is unknown', async () => {
      const wide = { ...newTopic('wide'), replicationFactor: world.brokers + 1 }
      const strange = newTopic('strange', 1, { 'no.such.setting': '1' })
      const answers = await world.admin.create([wide, strange, newTopic('fine')], inTime())
      expect(codes(answers)).toEqual({ wide: 'TOPIC_REFUSED', strange: 'TOPIC_REFUSED', fine: 'created' })
      expect(String(answers.get('strange'))).toContain('no.such.setting')
      await there('fine')
      const { topics } = await world.admin.describe(inTime())
      expect([topics.has('wide'), topics.has('strange')]).toEqual([false, false])
    })

    it('grows a topic, never shrinks it, and takes growing to what it has for done', async () => {
      await create(newTopic('growing', 2), newTopic('shrinking', 3), newTopic('staying', 2))
      const counts = new Map([
        ['growing', 5],
        ['shrinking', 1],
        ['staying', 2],
        ['absent', 2],
      ])
      expect(codes(await world.admin.grow(counts, inTime()))).toEqual({
        growing: 'grown',
        shrinking: 'TOPIC_REFUSED',
        staying: 'grown',
        absent: 'TARGET_TOPIC_UNKNOWN',
      })
      await shown('growing', (facts) => facts?.partitions === 5)
      expect((await there('shrinking')).facts?.partitions).toBe(3)
      expect((await there('staying')).facts?.partitions).toBe(2)
    })

    it('sets and unsets settings, and leaves alone what is not named', async () => {
      await create(newTopic('altered', 1, { 'retention.ms': '1000', 'cleanup.policy': 'compact' }))
      const changes = [{ name: 'retention.ms' }, { name: 'max.message.bytes', value: '2000' }]
      expect(codes(await world.admin.alter(new Map([['altered', changes]]), inTime()))).toEqual({ altered: 'altered' })
      await ownSettingsBecome('altered', { 'max.message.bytes': '2000', 'cleanup.policy': 'compact' })
      expect((await settingsOf('altered')).get('retention.ms')).toMatchObject({ origin: 'inherited' })
    })

    it('refuses an unknown setting for its topic only, and then changes nothing of that topic', async () => {
      await create(newTopic('hopeful'), newTopic('hopeless'))
      const good = { name: 'retention.ms', value: '5000' }
      const answers = await world.admin.alter(
        new Map([
          ['hopeless', [good, { name: 'no.such.setting', value: '1' }]],
          ['hopeful', [good]],
          ['absent', [good]],
        ]),
        inTime(),
      )
      expect(codes(answers)).toEqual({
        hopeless: 'TOPIC_REFUSED',
        hopeful: 'altered',
        absent: 'TARGET_TOPIC_UNKNOWN',
      })
      expect(String(answers.get('hopeless'))).toMatch(/hopeless.*no\.such\.setting/)
      await ownSettingsBecome('hopeful', { 'retention.ms': '5000' })
      expect(await ownSettings('hopeless')).toEqual({})
    })

    it('says what it does not know, and makes no topic by asking for it', async () => {
      await create(newTopic('known'))
      const { undescribed } = await world.admin.describe(inTime(), ['known', 'absent'])
      expect([...undescribed]).toEqual([])
      const settings = await world.admin.settings(['known', 'absent'], inTime())
      expect(codes(settings)).toEqual({ known: 'there', absent: 'TARGET_TOPIC_UNKNOWN' })
      expect(codes(await world.admin.remove(['absent'], inTime()))).toEqual({ absent: 'TARGET_TOPIC_UNKNOWN' })
      expect((await world.admin.describe(inTime())).topics.has('absent')).toBe(false)
    })

    it('changes nothing once the deadline has passed', async () => {
      const late = { at: Date.now() - 1, signal: AbortSignal.abort() }
      const unreachable = { code: 'TARGET_UNREACHABLE' }
      await expect(world.admin.create([newTopic('late')], late)).rejects.toMatchObject(unreachable)
      await expect(world.admin.describe(late)).rejects.toMatchObject(unreachable)
      expect((await world.admin.describe(inTime())).topics.has('late')).toBe(false)
    })

    it('asks nothing for nothing', async () => {
      const before = world.requests()
      expect([...(await world.admin.create([], inTime()))]).toEqual([])
      expect([...(await world.admin.settings([], inTime()))]).toEqual([])
      expect(world.requests()).toBe(before)
    })

    it('needs few requests for many topics', async () => {
      const names = Array.from({ length: world.many }, (_, index) => `many-${index}`)
      const few = Math.ceil(world.many / 100)
      const cost = async <Answer>(ask: () => Promise<Answer>): Promise<[Answer, number]> => {
        const before = world.requests()
        return [await ask(), world.requests() - before]
      }
      const [made, making] = await cost(() =>
        world.admin.create(
          names.map((topic) => newTopic(topic, 2)),
          inTime(),
        ),
      )
      expect(new Set(Object.values(codes(made)))).toEqual(new Set(['created']))
      expect(making).toBeLessThanOrEqual(2 * few)
      await there(names.at(-1) ?? '')
      const [described, describing] = await cost(() => world.admin.describe(inTime()))
      expect(names.every((topic) => described.topics.get(topic)?.partitions === 2)).toBe(true)
      expect(describing).toBe(1)
      const [settings, reading] = await cost(() => world.admin.settings(names, inTime()))
      expect([...settings.values()].every((answer) => answer instanceof Map && answer.has('retention.ms'))).toBe(true)
      expect(settings.size).toBe(world.many)
      expect(reading).toBeLessThanOrEqual(few)
    })
  })
