import { describe, expect, it } from 'vitest'
import type { LinkMapping, MappingState } from '../../shared/domain/topics/mapping-plan.ts'
import type { MappingControl } from '../../shared/usecases/topics/topic-ports.ts'
import { inTime } from './in-time.ts'

/** The mappings of a link whose stack names the topic `of-stack`. */
export interface OpenedMappings {
  readonly control: MappingControl
  /** Makes the mapping of `of-stack` as a deploy does. */
  deploy(): Promise<void>
  /** Waits until no mapping is on its way from one state to another. */
  settle(): Promise<void>
  /** The control after the link was deployed with another batch size, window and pollers, or with other servers. */
  wantOthers(differs: 'settings' | 'source'): MappingControl
}

const ENABLED = { enabled: true }

/** What the control of a link's mappings promises, whoever keeps them; `open` gives one without mappings. */
export const mappingControlContract = (name: string, open: () => Promise<OpenedMappings>): void => {
  const stateOf = async ({ control }: OpenedMappings, topic: string): Promise<MappingState | undefined> =>
    (await control.list(inTime())).find((mapping) => mapping.topic === topic)?.state
  const opened = async (...topics: readonly string[]): Promise<OpenedMappings & { readonly made: LinkMapping[] }> => {
    const mappings = await open()
    const made: LinkMapping[] = []
    for (const topic of topics) made.push(await mappings.control.create(topic, ENABLED, inTime()))
    await mappings.settle()
    return { ...mappings, made }
  }

  describe(name, () => {
    it('has no mapping that nobody made', async () => {
      expect(await (await open()).control.list(inTime())).toEqual([])
    })

    it('makes mappings, and knows them from those of the stack', async () => {
      const mappings = await open()
      await mappings.deploy()
      const { id, ...made } = await mappings.control.create('orders', ENABLED, inTime())
      expect(made).toEqual({ topic: 'orders', state: 'Creating', madeBy: 'run-time' })
      await mappings.settle()
      expect(await mappings.control.list(inTime())).toEqual([
        { id: expect.any(String), topic: 'of-stack', state: 'Enabled', madeBy: 'stack' },
        { id, topic: 'orders', state: 'Enabled', madeBy: 'run-time' },
      ])
    })

    it('makes a mapping that reads nothing yet', async () => {
      const mappings = await open()
      await mappings.control.create('orders', { enabled: false }, inTime())
      await mappings.settle()
      expect(await stateOf(mappings, 'orders')).toBe('Disabled')
    })

    it('makes a mapping once, whoever made it before', async () => {
      const { control, made, deploy, settle } = await opened('orders')
      await deploy()
      await settle()
      expect(await control.create('orders', ENABLED, inTime())).toMatchObject({ id: made[0]?.id })
      expect(await control.create('of-stack', { enabled: false }, inTime())).toMatchObject({
        madeBy: 'stack',
        state: 'Enabled',
      })
      expect(await control.list(inTime())).toHaveLength(2)
    })

    it('disables and enables', async () => {
      const mappings = await opened('orders', 'payments')
      const { control, made, settle } = mappings
      const id = made[0]?.id ?? ''
      expect(await control.enable(id, false, inTime())).toBe('Disabling')
      await settle()
      expect([await stateOf(mappings, 'orders'), await stateOf(mappings, 'payments')]).toEqual(['Disabled', 'Enabled'])
      expect(await control.enable(id, true, inTime())).toBe('Enabling')
      await settle()
      expect(await stateOf(mappings, 'orders')).toBe('Enabled')
    })

    it('waits with a change until the one before it is done', async () => {
      const mappings = await open()
      const { id } = await mappings.control.create('orders', ENABLED, inTime())
      expect(await mappings.control.enable(id, false, inTime())).toBe('Disabling')
      expect(await mappings.control.enable(id, true, inTime())).toBe('Enabling')
      await mappings.settle()
      expect(await stateOf(mappings, 'orders')).toBe('Enabled')
    })

    it('tells which mappings have not the settings of the link, and gives them to them', async () => {
      const mappings = await opened('orders')
      await mappings.deploy()
      await mappings.settle()
      const control = mappings.wantOthers('settings')
      const [found, ofStack] = (await control.list(inTime())).toSorted((one) => (one.topic === 'orders' ? -1 : 1))
      expect([found?.differs, ofStack?.differs]).toEqual(['settings', undefined])
      expect(await control.update(found?.id ?? '', 'orders', inTime())).toBe('Updating')
      await mappings.settle()
      expect(await control.list(inTime())).toContainEqual({ ...mappings.made[0], state: 'Enabled' })
    })

    it('tells which mappings poll other servers than the link wants', async () => {
      const mappings = await opened('orders')
      const control = mappings.wantOthers('source')
      expect(await control.list(inTime())).toMatchObject([{ topic: 'orders', differs: 'source' }])
    })

    it('says when a mapping to change is gone', async () => {
      const { control } = await open()
      expect(await control.enable('00000000-0000-4000-8000-000000000000', true, inTime())).toBe('gone')
      expect(await control.update('00000000-0000-4000-8000-000000000000', 'orders', inTime())).toBe('gone')
    })

    it('removes what was made at run time, and may do so twice', async () => {
      const { control, made, settle } = await opened('orders', 'payments')
      const id = made[0]?.id ?? ''
      expect(await control.remove(id, inTime())).toBe('removed')
      expect(await control.remove(id, inTime())).toBe('removed')
      await settle()
      expect(await control.remove(id, inTime())).toBe('removed')
      expect((await control.list(inTime())).map(({ topic }) => topic)).toEqual(['payments'])
    })

    it('removes no mapping of the stack', async () => {
      const { control, deploy, settle } = await open()
      await deploy()
      const [ofStack] = await control.list(inTime())
      expect(await control.remove(ofStack?.id ?? '', inTime())).toBe('not-ours')
      await settle()
      expect(await control.list(inTime())).toHaveLength(1)
    })

    it('makes a mapping anew while the old one is being removed', async () => {
      const { control, made, settle } = await opened('orders')
      await control.remove(made[0]?.id ?? '', inTime())
      const anew = await control.create('orders', ENABLED, inTime())
      expect(anew.id).not.toBe(made[0]?.id)
      await settle()
      expect((await control.list(inTime())).map(({ id }) => id)).toEqual([anew.id])
    })

    it('lists more than fit on a page, each once', async () => {
      const topics = Array.from({ length: 230 }, (_, at) => `topic-${at}`)
      const { control } = await opened(...topics)
      expect((await control.list(inTime())).map(({ topic }) => topic).toSorted()).toEqual(topics.toSorted())
    })
  })
}
