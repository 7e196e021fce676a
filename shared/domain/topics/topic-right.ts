interface TopicRight {
  /** As in "creating orders". */
  readonly doing: string
  /** What Kafka's ACLs call it. */
  readonly operation: string
  /** What IAM calls it on MSK, without the service. */
  readonly iamAction: string
}

/** What can be done with topics, and the right that it takes. */
const TOPIC_RIGHTS = {
  describe: { doing: 'describing', operation: 'DESCRIBE', iamAction: 'DescribeTopic' },
  settings: {
    doing: 'reading the settings of',
    operation: 'DESCRIBE_CONFIGS',
    iamAction: 'DescribeTopicDynamicConfiguration',
  },
  create: { doing: 'creating', operation: 'CREATE', iamAction: 'CreateTopic' },
  grow: { doing: 'adding partitions to', operation: 'ALTER', iamAction: 'AlterTopic' },
  alter: {
    doing: 'changing the settings of',
    operation: 'ALTER_CONFIGS',
    iamAction: 'AlterTopicDynamicConfiguration',
  },
  remove: { doing: 'deleting', operation: 'DELETE', iamAction: 'DeleteTopic' },
} as const satisfies Record<string, TopicRight>

export type TopicAction = keyof typeof TOPIC_RIGHTS

export const doingTo = (action: TopicAction, topic: string): string => `${TOPIC_RIGHTS[action].doing} ${topic}`

/** For whoever has to grant it: the principal, the operation, the resource. */
export const missingRight = (action: TopicAction, topic: string, principal: string): string => {
  const { operation, iamAction } = TOPIC_RIGHTS[action]
  const resource = action === 'create' ? `Topic \`${topic}\` or on Cluster \`kafka-cluster\`` : `Topic \`${topic}\``
  return `${principal} lacks ${operation} on ${resource} (with IAM: kafka-cluster:${iamAction})`
}
