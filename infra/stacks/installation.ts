import { type App, Stage, Tags } from 'aws-cdk-lib'
import { dashboardName } from '../../shared/domain/link-names.ts'
import { followedOf } from '../../shared/domain/topology/followed.ts'
import type { Link, Topology } from '../../shared/domain/topology/topology.ts'
import { stagesOf } from '../../shared/domain/topology/topology-stages.ts'
import { FailoverStack } from './failover-stack.ts'
import { LinkReplicationStack } from './link-replication-stack.ts'
import { LinkStateStack } from './link-state-stack.ts'
import { LinkSyncStack } from './link-sync-stack.ts'
import { LinkWatchStack } from './link-watch-stack.ts'

/** A stage per pair, deployed by `cdk deploy '<pair>/**'`; a link in no pair is a stage of its own name. */
export const addInstallation = (app: App, topology: Topology): void => {
  for (const { name, links } of stagesOf(topology.pairs, topology.links)) {
    const stage = new Stage(app, name)
    Tags.of(stage).add('twinshore:stage', name)
    const watches = links.map((link) => addLink(stage, topology, link))
    for (const [region, ofRegion] of Map.groupBy(watches, (watch) => watch.region))
      ofRegion[0]?.addDashboard(
        dashboardName(topology, name, region),
        ofRegion.map(({ shown }) => shown),
      )
  }
}

const addLink = (stage: Stage, topology: Topology, link: Link): LinkWatchStack => {
  const state = new LinkStateStack(stage, { topology, link })
  const replication = new LinkReplicationStack(stage, { topology, link })
  replication.addStackDependency(state)
  const sync = followedOf(link).length > 0 ? new LinkSyncStack(stage, { topology, link }) : undefined
  sync?.addStackDependency(replication)
  const failover = addFailover(stage, topology, link)
  failover?.addStackDependency(sync ?? replication)
  const elsewhere = [replication, sync, failover].flatMap((stack) => stack?.alarms ?? [])
  const watch = new LinkWatchStack(stage, { topology, link, elsewhere })
  watch.addStackDependency(failover ?? sync ?? replication)
  return watch
}

/** Where the pair of the link fails over. */
const addFailover = (stage: Stage, topology: Topology, link: Link): FailoverStack | undefined => {
  const pair = topology.pairs.find(({ links }) => links.includes(link))
  if (pair?.failover === undefined) return undefined
  return new FailoverStack(stage, { topology, link, pair: pair.name, failover: pair.failover })
}
