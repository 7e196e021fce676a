/** What can be done with consumer groups, and the right that it takes. */
const GROUP_RIGHTS = {
  read: { doing: 'reading the offsets of', operation: 'DESCRIBE', ofGroup: 'DescribeGroup', ofTopic: 'DescribeTopic' },
  commit: { doing: 'committing offsets for', operation: 'READ', ofGroup: 'AlterGroup', ofTopic: 'ReadData' },
} as const satisfies Record<string, GroupRight>

interface GroupRight {
  /** As in "reading the offsets of the group billing". */
  readonly doing: string
  /** What Kafka's ACLs call it, of the group and of each topic alike. */
  readonly operation: string
  /** What IAM calls it on MSK, without the service. */
  readonly ofGroup: string
  readonly ofTopic: string
}

export type GroupAction = keyof typeof GROUP_RIGHTS

export const doingToGroup = (action: GroupAction, group: string): string =>
  `${GROUP_RIGHTS[action].doing} the group ${group}`

/** For whoever has to grant it: the principal, the operation, the resource. */
export const missingGroupRight = (action: GroupAction, group: string, principal: string): string => {
  const { operation, ofGroup } = GROUP_RIGHTS[action]
  return `${principal} lacks ${operation} on Group \`${group}\` (with IAM: kafka-cluster:${ofGroup})`
}

export const missingTopicRight = (action: GroupAction, topic: string, principal: string): string => {
  const { operation, ofTopic } = GROUP_RIGHTS[action]
  return `${principal} lacks ${operation} on Topic \`${topic}\` (with IAM: kafka-cluster:${ofTopic})`
}
