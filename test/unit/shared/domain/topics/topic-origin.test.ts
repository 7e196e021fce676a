import { describe, expect, it } from 'vitest'
import { originsOf, type TopicFlow } from '../../../../../shared/domain/topics/topic-origin.ts'

const flow = (source: string, target: string, changes: Partial<TopicFlow> = {}): TopicFlow => ({
  source: { name: source },
  target: { name: target },
  topics: [],
  patterns: ['^(?:.*)$'],
  exclude: [],
  naming: 'prefix',
  provenance: false,
  ...changes,
})

const ORDERS = { topics: ['orders'], patterns: [] }

describe('the origins of a topic', () => {
  it.each<[string, string, readonly TopicFlow[], readonly string[]]>([
    ['of here', 'orders', [flow('west', 'east')], []],
    ['of its source', 'west.orders', [flow('west', 'east')], ['west']],
    ['by way of others', 'hub.west.orders', [flow('west', 'hub'), flow('hub', 'east')], ['hub', 'west']],
    ['that looks foreign where no link makes it', 'west.orders', [flow('north', 'east')], []],
    ['that looks foreign where no link selects it', 'west.payments', [flow('west', 'east', ORDERS)], []],
    ['that a link excludes', 'west.orders', [flow('west', 'east', { exclude: ['^orders$'] })], []],
    ['that is internal on its source', 'west.__consumer_offsets', [flow('west', 'east')], []],
    ['that has only the prefix', 'west.', [flow('west', 'east')], []],
    ['with a dotted name', 'west.a.b', [flow('west', 'east')], ['west']],
    ['by a template', 'orders.dr', [flow('west', 'east', { naming: '{topic}.dr' })], ['west']],
    ['by a template, but for its name', 'orders.drx', [flow('west', 'east', { naming: '{topic}.dr' })], []],
    ['by a template of two', 'orders-orders', [flow('west', 'east', { naming: '{topic}-{topic}' })], ['west']],
    ['by a template of two that differ', 'orders-other', [flow('west', 'east', { naming: '{topic}-{topic}' })], []],
    ['by a name that stays', 'orders', [flow('west', 'east', { naming: 'identity' })], ['west']],
    ['by a template that is a name', 'orders', [flow('west', 'east', { naming: '{topic}' })], ['west']],
    [
      'by a name that stays, with provenance',
      'orders',
      [flow('west', 'east', { naming: 'identity', provenance: true })],
      [],
    ],
    [
      'by a template, with provenance',
      'dr.orders',
      [flow('west', 'east', { naming: 'dr.{topic}', provenance: true })],
      ['west'],
    ],
    [
      'that somebody else brought to where a name that stays comes from',
      'west.orders',
      [flow('west', 'hub'), flow('hub', 'east', { naming: 'identity', provenance: true })],
      ['west'],
    ],
    [
      'that a link without provenance brought on',
      'orders',
      [flow('west', 'hub', { naming: 'identity', provenance: true }), flow('hub', 'east', { naming: 'identity' })],
      ['hub', 'west'],
    ],
    [
      'that links with provenance brought on',
      'hub.orders',
      [flow('west', 'hub', { naming: 'identity', provenance: true }), flow('hub', 'east', { provenance: true })],
      ['hub'],
    ],
    [
      'in a ring without end',
      'orders',
      [flow('west', 'east', { naming: 'identity' }), flow('east', 'west', { naming: 'identity' })],
      ['west', 'east'],
    ],
  ])('%s: %s', (_what, topic, flows, origins) => {
    expect([...originsOf(topic, 'east', flows)]).toEqual(origins)
  })

  it('are all there are to a link that does not listen to records', () => {
    const flows = [flow('west', 'east', { naming: 'identity', provenance: true })]
    expect([...originsOf('orders', 'east', flows, { listens: false })]).toEqual(['west'])
  })
})
