import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { HEARTBEAT_TOPIC } from '../../shared/domain/heartbeat/beat.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { isMsk, type Link } from '../../shared/domain/topology/topology.ts'
import { allow, attachToNetwork, kafkaActions, readSecrets, within } from './link-rights.ts'

/** What beats for a link may do besides its table and logs: make one topic on the source and append to it. */
export const heartbeatRights = (link: Link, place: AwsPlace): readonly PolicyStatement[] => [
  ...appendBeats(link),
  ...readSecrets(link, place),
  ...attachToNetwork(link),
]

const appendBeats = ({ source }: Link): PolicyStatement[] => {
  if (!isMsk(source) || source.login.kind !== 'iam') return []
  const append = ['CreateTopic', 'DescribeTopic', 'DescribeTopicDynamicConfiguration', 'WriteData']
  return [
    ...allow(kafkaActions(['Connect', 'WriteDataIdempotently']), [source.arn]),
    ...allow(kafkaActions(append), [within(source, 'topic', HEARTBEAT_TOPIC)]),
  ]
}
