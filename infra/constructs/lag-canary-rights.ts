import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { describeGroups } from './group-sync-rights.ts'
import { attachToNetwork, readSecrets } from './link-rights.ts'
import { readTopics } from './verifier-rights.ts'

/** What measures the lag of a link may do besides its table and logs. It reads the ends of logs, and writes to no cluster. */
export const lagCanaryRights = (link: Link, place: AwsPlace): readonly PolicyStatement[] => [
  ...readTopics(link.source, link.patterns.length > 0 ? ['*'] : link.topics),
  ...(link.syncGroups ? [link.source, link.target].flatMap(describeGroups) : []),
  ...readSecrets(link, place),
  ...attachToNetwork(link),
]
