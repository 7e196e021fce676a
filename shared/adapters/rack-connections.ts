import { kafkaAccess } from '../domain/kafka-access.ts'
import type { AwsPlace } from '../domain/secret-reference.ts'
import type { Cluster, Link } from '../domain/topology/topology.ts'
import type { SurveyRacksDeps } from '../usecases/racks/survey-racks.ts'
import type { RackSides, Side } from '../usecases/racks/watch-racks.ts'
import type { ClusterSideOptions } from './kafka/cluster-side.ts'
import { KafkaClusterLayout } from './kafka/kafka-cluster-layout.ts'
import { KafkaTopicAdmin } from './kafka/kafka-topic-admin.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'

/** What a look at the racks of both clusters needs; nothing is connected before it is used. `place`: where it runs. */
export const connectRacks = (link: Pick<Link, Side>, place: AwsPlace): { readonly sides: RackSides; close(): void } => {
  const secrets = new SecretsManager(place.region)
  const source = connectSide(link.source, { secrets, side: 'source' })
  const target = connectSide(link.target, { secrets, side: 'target' })
  return { sides: { source, target }, close: () => [source, target].forEach((side) => void side.close()) }
}

const connectSide = (cluster: Cluster, options: ClusterSideOptions): SurveyRacksDeps & { close(): void } => {
  const access = kafkaAccess(cluster)
  const layout = new KafkaClusterLayout(access, options)
  const topics = new KafkaTopicAdmin(access, options)
  const told = Object.entries(cluster.controllerRacks ?? {})
  return {
    layout,
    topics,
    controllerRacks: new Map(told.map(([node, rack]) => [Number(node), rack])),
    close: () => [layout, topics].forEach((connection) => void connection.close()),
  }
}
