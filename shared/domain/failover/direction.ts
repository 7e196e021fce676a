import type { FailoverInput } from './failover-input.ts'
import type { PairLock } from './pair-lock.ts'
import { activeSide, type PairRoles } from './pair-roles.ts'
import type { PendingDebts } from './pending-debts.ts'

export interface DirectionFacts {
  readonly input: Pick<FailoverInput, 'mode' | 'force' | 'tail'>
  readonly roles: PairRoles
  /** In the table of the forward link. */
  readonly lock: PairLock
  /** Of failovers in either direction, as far as their tables could be read. */
  readonly pending: readonly PendingDebts[]
  readonly from: string
  readonly to: string
  /** Which side was active when the pair was deployed. */
  readonly initially: 'from' | 'to'
  readonly hasReverse: boolean
  /** Whether what came from `from` returns there: with provenance it does not. */
  readonly returns: boolean
  /** Whether the topology lets anybody empty a cluster. */
  readonly mayScrape: boolean
  /** Whether topics have one name on both clusters. */
  readonly sameNames: boolean
  /** Whether the link back commits how far it came on `from`, where an earlier commit of its own may say that it is further. */
  readonly exactlyOnce: boolean
  /** Other links of the installation that read from `from`, or write there. */
  readonly others: readonly string[]
}

/** Why the pair cannot fail over in this direction, for whoever started it; absent: it can. */
export const whyNotThisWay = (facts: DirectionFacts): string | undefined => {
  const { input, roles, from, to, hasReverse } = facts
  if (input.mode === 'failback' && !hasReverse)
    return `the pair has no link from ${to} to ${from}, so that nothing was ever to fail back from`
  const unfit = input.mode === 'unplanned' ? whyNotThisTail(facts) : undefined
  if (unfit !== undefined) return unfit
  if (activeSide(roles, facts.initially) === 'to') return alreadyActive(facts)
  const [debt] = facts.pending
  if (debt !== undefined && !isForced(input))
    return `the failover ${debt.execution} still owes its old active side: ${debt.owed.join(', ')}; wait until that is settled`
  if (isUnseeded(facts) && !isForced(input))
    return `the link to ${to} is ${roles.forward.mode}, since no failover has begun it again: what ${from} has was not replicated`
  return undefined
}

const whyNotThisTail = (facts: DirectionFacts): string | undefined => {
  const { input, from, returns } = facts
  if (input.tail === 'scrape') return whyNotScraped(facts)
  return input.tail === 'merge' && returns
    ? `merged records would be copied back to ${from}, which has them: the link back has no provenance; export or discard the tail`
    : undefined
}

/** What is emptied must come again from one place alone, and to nobody else. */
const whyNotScraped = ({
  from,
  to,
  roles,
  hasReverse,
  mayScrape,
  sameNames,
  exactlyOnce,
  others,
}: DirectionFacts): string | undefined => {
  const otherwise = 'export, merge or discard the tail'
  if (!mayScrape)
    return `nothing is scraped on ${from}: the failover of the pair has no mayScrape: true in the topology, so that nothing there may delete records; ${otherwise}`
  if (!hasReverse)
    return `scraped topics of ${from} would stay empty, since no link leads back from ${to}; ${otherwise}`
  if (!sameNames)
    return `scraped topics of ${from} would stay empty, since what comes back from ${to} has other names; ${otherwise}`
  if (exactlyOnce)
    return `nothing is scraped on ${from}: the link back is exactly once, and would go on where it was before; ${otherwise}`
  if (roles.reverse !== undefined && roles.reverse.mode !== 'stopped')
    return `nothing is scraped on ${from}: the link back is ${roles.reverse.mode} already, so that both sides wrote; ${otherwise}`
  if (others.length > 0)
    return `nothing is scraped on ${from}: ${others.join(', ')} would lose or repeat its records; ${otherwise}`
  return undefined
}

/** Why there is nothing to practise in this direction; absent: there is. */
export const whyDrillsRest = ({ input, roles, initially, from, to }: DirectionFacts): string | undefined =>
  input.mode === 'drill' && activeSide(roles, initially) === 'to'
    ? `${to} is the active cluster: drills of a failover to it rest until ${from} is`
    : undefined

const alreadyActive = ({ roles, from, to }: DirectionFacts): string =>
  `${to} is the active cluster already, since epoch ${roles.forward.epoch}; to go to ${from}, fail over in the other direction`

/** Who gives up what was on its way says so. */
const isForced = ({ mode, force }: Pick<FailoverInput, 'mode' | 'force'>): boolean => mode === 'unplanned' && force

/** What stopped the link is either a failover that died, whose lock is still there, or one that never began it again. */
const isUnseeded = ({ roles, lock }: DirectionFacts): boolean =>
  (roles.forward.mode === 'stopped' || roles.forward.mode === 'draining') && lock.holder === undefined
