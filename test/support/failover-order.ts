import type { FailoverLink, FailoverOrder } from '../../shared/domain/failover/failover-order.ts'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import { kafkaAccess } from '../../shared/domain/kafka-access.ts'
import { tableName } from '../../shared/domain/link-names.ts'
import type { Cluster, Link } from '../../shared/domain/topology/topology.ts'

/** What a failover along a link is told that is in no topology with a pair; what fences and switches is left out. */
export const orderOf = (link: Link, reverse?: Link): FailoverOrder => {
  const links = [link, ...(reverse === undefined ? [] : [reverse])]
  const linkOf = (one: Link): FailoverLink => ({
    order: groupOrder(one, { links }),
    table: { name: tableName(one), region: one.target.region },
    functions: { region: one.target.region, replicate: 'replicate', measureLag: 'measure-lag' },
    failover: { region: one.target.region, machine: 'machine', steps: 'steps', fence: 'fence' },
  })
  return {
    installation: link.installation,
    pair: `${link.source.name}-${link.target.name}`,
    from: clusterOf(link.source),
    to: clusterOf(link.target),
    forward: linkOf(link),
    ...(reverse && { reverse: linkOf(reverse) }),
    fences: [{ kind: 'none' }],
    fencesOfTarget: [{ kind: 'none' }],
    others: [],
    clients: [{ kind: 'none' }],
    active: link.source.name,
    limits: { lagRecords: 100, lagSeconds: 60, lostRecords: 10 },
    approval: { needed: true, expiresMs: 60_000 },
    stillMs: 1_000,
    tail: 'export',
    mayScrape: true,
    drillEveryDays: 90,
  }
}

const clusterOf = (cluster: Cluster) => ({
  cluster: cluster.name,
  region: cluster.region,
  access: kafkaAccess(cluster),
})
