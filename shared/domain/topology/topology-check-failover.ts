import type { PairFailover } from '../failover/failover-choice.ts'
import { readTailChoice, SCRAPE_BY_DEFAULT } from '../failover/failover-input.ts'
import { keepsName } from '../topics/topic-naming.ts'
import type { Pair } from './topology.ts'
import { checkClients, checkFences } from './topology-check-fence.ts'
import type { Written, WrittenLink } from './topology-complete.ts'
import { LIMITS } from './topology-limits.ts'
import { type Mistake, mistakeIf, outside } from './topology-mistake.ts'

/** What is wrong with how a pair fails over; links that are no use for other reasons are told elsewhere. */
export const checkFailovers = (pairs: readonly Written<Pair>[], links: readonly WrittenLink[]): readonly Mistake[] =>
  pairs.flatMap(({ path, part }) => {
    const { failover } = part
    if (failover === undefined) return []
    const own = links.filter((entry) => part.links.includes(entry.part))
    const at = `${path}.failover`
    return [
      ...checkActive(`${at}.active`, failover, part, own),
      ...own.flatMap(checkPlacement),
      ...own.flatMap((entry) => checkSingle(entry, own)),
      ...checkWayBack(own),
      ...checkFences(`${at}.fence`, failover, part, own),
      ...checkClients(`${at}.clients`, failover.clients),
      ...checkFigures(at, failover),
      ...checkTail(`${at}.tail`, failover),
    ]
  })

const checkActive = (
  path: string,
  { active }: PairFailover,
  { clusters }: Pair,
  own: readonly WrittenLink[],
): readonly Mistake[] => {
  const isOfPair = clusters.includes(active)
  const isLeft = own.some(({ part }) => part.source.name === active)
  return [
    ...mistakeIf(!isOfPair, path, `${active} is no cluster of the pair`, `name one of ${clusters.join(', ')}`),
    ...mistakeIf(
      isOfPair && own.length > 0 && !isLeft,
      path,
      `no link leads away from ${active}, so that nothing stands by for it`,
      'add one, or name the other cluster',
    ),
  ]
}

const checkPlacement = ({ path, part }: WrittenLink): readonly Mistake[] =>
  mistakeIf(
    part.placement !== 'target',
    `${path}.placement`,
    `the pair fails over, and what runs in ${part.source.region} is lost together with ${part.source.name}`,
    "choose placement 'target', or leave failover out of the pair",
  )

const checkSingle = ({ path, part }: WrittenLink, own: readonly WrittenLink[]): readonly Mistake[] => {
  const first = own.find((other) => other.part.source.name === part.source.name)
  return mistakeIf(
    first !== undefined && first.path !== path,
    path,
    `leads the same way as ${first?.path}, and a pair fails over along one link`,
    'replicate the topics of both by one link, or leave failover out of the pair',
  )
}

/** What was written after a failover comes back only to the topics that it belongs to, and only where both links know them. */
const checkWayBack = (own: readonly WrittenLink[]): readonly Mistake[] => {
  const [one, other, ...more] = own
  if (one === undefined || other === undefined || more.length > 0) return []
  return [
    ...own.flatMap(({ path, part }) =>
      mistakeIf(
        !keepsName(part.naming),
        `${path}.naming`,
        `after a failover ${part.target.name} would have the topics of ${part.source.name} under other names`,
        "choose naming 'identity' for both links, or leave one of them or failover out",
      ),
    ),
    ...mistakeIf(
      !haveSameTopics(one, other),
      `${other.path}.topics`,
      `are not those of ${one.path}: what is written to the others after a failover would not come back`,
      'name the same topics and patterns in both links',
    ),
  ]
}

/** As they were written, since beats are of one link. */
const haveSameTopics = (one: WrittenLink, other: WrittenLink): boolean => {
  const texts = ({ input }: WrittenLink): string =>
    [input.topics, input.exclude ?? []].map((names) => names.map(String).toSorted().join(' ')).join('|')
  return texts(one) === texts(other)
}

const checkFigures = (
  path: string,
  { limits, approval, stillMs, drillEveryDays }: PairFailover,
): readonly Mistake[] => [
  ...outside(`${path}.limits.lagRecords`, limits.lagRecords, LIMITS.failoverLagRecords),
  ...outside(`${path}.limits.lagSeconds`, limits.lagSeconds, LIMITS.failoverLagSeconds),
  ...outside(`${path}.limits.lostRecords`, limits.lostRecords, LIMITS.failoverLostRecords),
  ...outside(`${path}.approval.expiresMs`, approval.expiresMs, LIMITS.approvalExpires),
  ...outside(`${path}.stillMs`, stillMs, LIMITS.stillMs),
  ...outside(`${path}.drillEveryDays`, drillEveryDays, LIMITS.drillEveryDays),
]

const checkTail = (path: string, { tail }: PairFailover): readonly Mistake[] => {
  const read = readTailChoice(tail)
  if (read.choice === 'scrape') return [{ path, ...SCRAPE_BY_DEFAULT }]
  return read.choice === undefined ? [{ path, ...read.mistake }] : []
}
