import { describe, expect, it } from 'vitest'
import type { TopicSetting } from '../../../../../shared/domain/topics/topic-facts.ts'
import { type SelectingLink, topicSelection } from '../../../../../shared/domain/topics/topic-selection.ts'
import { plannedLink } from '../../../../support/model-topic.ts'

const facts = (topic: string, internal = false) => ({
  topic,
  internal,
  incarnation: 'life-1',
  partitions: 1,
  replicationFactor: 1,
})

const verdict = (topic: string, changes: Partial<SelectingLink> = {}, others: readonly SelectingLink[] = []) => {
  const link = plannedLink(changes)
  const answer = topicSelection(link, [link, ...others])(facts(topic), undefined)
  return answer.replicate ? answer.mapping : answer.because
}

const setting = (value: string, origin: TopicSetting['origin'] = 'topic') =>
  new Map([['max.message.bytes', { value, origin, sensitive: false, readOnly: false }]])

describe('a topic of the source', () => {
  it.each<[string, string, Partial<SelectingLink>]>([
    ['orders', 'run-time', {}],
    ['orders', 'stack', { topics: ['orders'] }],
    ['orders', 'not-included', { patterns: ['^(?:pay.*)$'] }],
    ['logs-tmp', 'excluded', { exclude: ['^(?:.*-tmp)$'] }],
    ['__my_state', 'internal', {}],
    ['.hidden', 'internal', {}],
    ['app-internal', 'internal', {}],
    ['app.internal', 'internal', {}],
    ['appinternal', 'run-time', {}],
    ['app.internal.x', 'run-time', {}],
    ['orders.replica', 'internal', {}],
    ['orders-replica', 'run-time', {}],
    ['twinshore.state', 'internal', {}],
    ['twinshore.heartbeats', 'run-time', {}],
    ['twinshore.heartbeatsx', 'internal', {}],
    ['twinshores', 'run-time', {}],
    ['__amazon_msk_canary', 'internal', {}],
    ['app-internal', 'stack', { topics: ['app-internal'] }],
    ['__my_state', 'stack', { topics: ['__my_state'] }],
    ['__consumer_offsets', 'internal', { topics: ['__consumer_offsets'] }],
    ['__amazon_msk_canary', 'internal', { topics: ['__amazon_msk_canary'] }],
    ['o', 'unsupported', {}],
    ['t'.repeat(181), 'unsupported', {}],
    ['t'.repeat(180), 'run-time', {}],
    ['orders', 'unsupported', { naming: `${'x'.repeat(244)}{topic}` }],
    ['orders', 'run-time', { naming: `${'x'.repeat(243)}{topic}` }],
  ])('%s is %s with %j', (topic, expected, link) => {
    expect(verdict(topic, link)).toBe(expected)
  })

  it('is internal when its cluster says so', () => {
    const link = plannedLink({ topics: ['orders'] })
    expect(topicSelection(link, [link])(facts('orders', true), undefined)).toMatchObject({ because: 'internal' })
  })

  it.each([
    ['4669440', 'topic', true],
    ['4669441', 'topic', false],
    ['9000000', 'inherited', true],
  ] as const)('with records of up to %s bytes, set by the %s, is replicated: %s', (value, origin, replicate) => {
    const link = plannedLink()
    expect(topicSelection(link, [link])(facts('orders'), setting(value, origin)).replicate).toBe(replicate)
  })
})

describe('a topic that comes from the target', () => {
  const back = (changes: Partial<SelectingLink> = {}) =>
    plannedLink({ name: 'east-west', source: { name: 'east' }, target: { name: 'west' }, ...changes })

  it('does not go back there, unless it only looks as if it did', () => {
    expect(verdict('east.orders', {}, [back()])).toBe('would-loop')
    expect(verdict('east.orders', {}, [back({ patterns: [], topics: ['payments'] })])).toBe('run-time')
    expect(verdict('orders', {}, [back()])).toBe('run-time')
  })

  it('does not go back by way of others', () => {
    const [there, on] = [
      back({ target: { name: 'hub' } }),
      back({ source: { name: 'hub' }, target: { name: 'west' }, naming: 'on.{topic}' }),
    ]
    expect(verdict('on.east.orders', {}, [there, on])).toBe('would-loop')
    expect(verdict('on.orders', {}, [there, on])).toBe('run-time')
  })

  it('goes on where records tell where they come from, and this link listens to them', () => {
    const identity = { naming: 'identity' } as const
    expect(verdict('orders', identity, [back({ ...identity })])).toBe('would-loop')
    expect(verdict('orders', { ...identity, provenance: true }, [back({ ...identity, provenance: true })])).toBe(
      'run-time',
    )
    expect(verdict('orders', identity, [back({ ...identity, provenance: true })])).toBe('would-loop')
  })

  it('goes nowhere by a link that does not listen to what records tell, under whatever name', () => {
    const told = back({ naming: 'identity', provenance: true })
    expect(verdict('orders', { provenance: false }, [told])).toBe('would-loop')
    expect(verdict('orders', { provenance: true }, [told])).toBe('run-time')
  })

  it('is told apart by the clusters of the links, not by what their names have in common', () => {
    expect(verdict('eastern.orders', {}, [back()])).toBe('run-time')
  })
})
