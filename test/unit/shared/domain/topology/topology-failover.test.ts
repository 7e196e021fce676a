import { describe, expect, it } from 'vitest'
import type { PairFailoverInput } from '../../../../../shared/domain/failover/failover-choice.ts'
import type { LinkInput, TopologyInput } from '../../../../../shared/domain/topology/topology.ts'
import { checkTopology, defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, valid, west } from './topology-example.ts'

type Name = 'west' | 'east'
type Failover = PairFailoverInput<Name>

const acl = { kind: 'acl', principals: ['User:shop'] } as const
const none = { kind: 'none' } as const
const back: LinkInput<Name> = { ...link, source: 'east', target: 'west' }
const failover: Failover = { active: 'west', fence: { west: acl, east: acl }, clients: none }

const bothWays: TopologyInput<Name> = {
  ...valid,
  clusters: { west, east },
  links: [link, back],
  pairs: [{ clusters: ['west', 'east'], failover }],
}
const withFailover = (changes: Partial<Failover>): TopologyInput<Name> => ({
  ...bothWays,
  pairs: [{ clusters: ['west', 'east'], failover: { ...failover, ...changes } }],
})
const withLinks = (...links: readonly LinkInput<Name>[]): TopologyInput<Name> => ({ ...bothWays, links })
const untyped = (changes: object): TopologyInput => withFailover(changes)
const fenced = (fence: object) => untyped({ fence: { west: fence, east: acl } })
const paths = (input: TopologyInput): readonly string[] => checkTopology(input).map(({ path }) => path)
const onMsk = (input: TopologyInput<Name>): TopologyInput<Name> => ({
  ...input,
  clusters: { west: mskWest, east: { ...mskEast, network: east.network as never } },
})

const probe = { kind: 'scram-sha-512', secret: 'kafka/shop' } as const

describe('a pair that fails over', () => {
  it.each<[string, TopologyInput]>([
    ['both ways', bothWays],
    [
      'one way',
      { ...withLinks(link), pairs: [{ clusters: ['east', 'west'], failover: { ...failover, fence: { west: acl } } }] },
    ],
    ['several fences and ways to tell clients', fenced([acl, { kind: 'parameter', name: '/twinshore/writers' }])],
    ['a probe', fenced({ ...acl, probe })],
    ['no fence at all, on purpose', fenced(none)],
    ['approval of nobody', withFailover({ approval: 'none' })],
    [
      'the hooks of its owner',
      untyped({
        fence: { west: { kind: 'function', name: 'fence' }, east: none },
        clients: [{ kind: 'function', name: 'point' }],
      }),
    ],
    [
      'MSK, whose clients heed a parameter',
      onMsk(withFailover({ fence: { west: { kind: 'parameter', name: 'p' }, east: none } })),
    ],
    [
      'MSK with IAM, when some application logs in otherwise',
      onMsk(withFailover({ fence: { west: { ...acl, probe }, east: none } })),
    ],
  ])('may do so %s', (_how, input) => {
    expect(checkTopology(input)).toEqual([])
  })

  it('is completed with defaults, fences and ways as lists', () => {
    expect(defineTopology(bothWays).pairs[0]?.failover).toEqual({
      active: 'west',
      fences: { west: [acl], east: [acl] },
      clients: [none],
      limits: { lagRecords: 100_000, lagSeconds: 60, lostRecords: 10_000 },
      approval: { needed: true, expiresMs: 3_600_000 },
      stillMs: 5_000,
      drillEveryDays: 91,
      tail: 'export',
      mayScrape: false,
    })
  })

  it('keeps what was written', () => {
    const written = {
      limits: { lostRecords: 0 },
      approval: { expiresMs: 60_000 },
      stillMs: 9_000,
      drillEveryDays: 7,
      tail: 'merge',
      mayScrape: true,
    } as const
    expect(defineTopology(withFailover(written)).pairs[0]?.failover).toMatchObject({
      ...written,
      limits: { lagRecords: 100_000, lagSeconds: 60, lostRecords: 0 },
      approval: { needed: true, expiresMs: 60_000 },
    })
    expect(defineTopology(withFailover({ approval: 'none' })).pairs[0]?.failover?.approval.needed).toBe(false)
  })

  it('keeps names, and lets only the link forward that leads away from the active cluster', () => {
    const modes = (input: TopologyInput) =>
      defineTopology(input).links.map(({ name, naming, provenance, initialMode }) => [
        name,
        naming,
        provenance,
        initialMode,
      ])
    expect(modes(bothWays)).toEqual([
      ['west-east', 'identity', true, 'forwarding'],
      ['east-west', 'identity', true, 'stopped'],
    ])
    expect(modes(withFailover({ active: 'east' })).map(([, , , mode]) => mode)).toEqual(['stopped', 'forwarding'])
  })

  it('changes nothing for links of other pairs', () => {
    const links = defineTopology({ ...bothWays, pairs: [{ clusters: ['west', 'east'] }] }).links
    expect(links.map(({ naming, initialMode }) => [naming, initialMode])).toEqual([
      ['prefix', 'forwarding'],
      ['prefix', 'forwarding'],
    ])
  })
})

const at = (path: string) => `pairs[0].failover${path}`

describe('a mistake in how a pair fails over', () => {
  it.each<[string, string, TopologyInput]>([
    ['a stranger as the active cluster', at('.active'), untyped({ active: 'north' })],
    ['nothing that stands by', at('.active'), { ...withFailover({ active: 'east' }), links: [link] }],
    [
      'functions that are lost with the active cluster',
      'links[0].placement',
      withLinks({ ...link, placement: 'source', naming: 'identity' }, back),
    ],
    ['two links one way', 'links[1]', withLinks(link, { ...link, name: 'aside', topics: ['other'] }, back)],
    ['other names on the other side', 'links[0].naming', withLinks({ ...link, naming: 'prefix' }, back)],
    ['topics that have no way back', 'links[1].topics', withLinks(link, { ...back, topics: ['orders', 'bills'] })],
    ['no word about fences', at('.fence'), untyped({ fence: undefined })],
    ['no word about the fence of one side', at('.fence.east'), untyped({ fence: { west: acl } })],
    ['an empty list of fences', at('.fence.west'), fenced([])],
    ['the fence of a stranger', at('.fence.north'), untyped({ fence: { west: acl, east: acl, north: acl } })],
    ['a fence that nobody knows', at('.fence.west'), fenced({ kind: 'quota' })],
    ['none and something', at('.fence.west'), fenced([none, acl])],
    ['a fence for nobody', at('.fence.west.principals'), fenced({ kind: 'acl', principals: [] })],
    ['a fence for everybody', at('.fence.west.principals'), fenced({ kind: 'acl', principals: ['User:*'] })],
    ['no principal', at('.fence.west.principals'), fenced({ kind: 'acl', principals: ['shop'] })],
    ['ACLs for IAM', at('.fence.west'), onMsk(fenced(acl) as TopologyInput<Name>)],
    ['a probe without a secret', at('.fence.west.probe.secret'), fenced({ ...acl, probe: { kind: 'plain' } })],
    ['a probe by IAM', at('.fence.west.probe.kind'), fenced({ ...acl, probe: { kind: 'iam', secret: 's' } })],
    [
      'a probe with its password',
      at('.fence.west.probe.secret'),
      fenced({ ...acl, probe: { ...probe, secret: 'my secret!' } }),
    ],
    [
      'a probe whose secret is lost with the cluster',
      at('.fence.west.probe.secret'),
      fenced({
        ...acl,
        probe: { ...probe, secret: 'arn:aws:secretsmanager:us-west-2:111122223333:secret:shop-AbCdEf' },
      }),
    ],
    ['a hook without a name', at('.fence.west.name'), fenced({ kind: 'function' })],
    ['a hook by its ARN', at('.fence.west.name'), fenced({ kind: 'function', name: 'arn:aws:lambda:x' })],
    ['a field that nobody reads', at('.fence.west.principal'), fenced({ ...acl, principal: 'User:a' })],
    ['no word about clients', at('.clients'), untyped({ clients: undefined })],
    ['clients by ACLs', at('.clients'), untyped({ clients: { kind: 'acl', name: 'a' } })],
    ['a parameter of no name', at('.clients.name'), untyped({ clients: { kind: 'parameter', name: 'a b' } })],
    ['a limit below 1', at('.limits.lagRecords'), withFailover({ limits: { lagRecords: 0 } })],
    ['no approval by a misspelt word', at('.approval'), untyped({ approval: 'never' })],
    ['approval in no time', at('.approval.expiresMs'), withFailover({ approval: { expiresMs: 1_000 } })],
    ['a moment that proves nothing', at('.stillMs'), withFailover({ stillMs: 10 })],
    ['drills every now and then', at('.drillEveryDays'), withFailover({ drillEveryDays: 0.5 })],
    ['a tail that nobody knows what to do with', at('.tail'), untyped({ tail: 'forget' })],
    ['a word where a choice belongs', at('.mayScrape'), untyped({ mayScrape: 'yes' })],
    ['a cluster that is emptied by default', at('.tail'), withFailover({ tail: 'scrape' })],
  ])('is found: %s', (_what, path, input) => {
    expect(paths(input)).toContain(path)
  })
})
