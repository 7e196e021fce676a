/**
 * What a link is called in AWS and Kafka. Names are a convention instead of references between stacks, so that a stack
 * deploys alone, in its own region, also when the other region is gone.
 */
interface Named {
  readonly installation: string
  readonly name: string
}

const base = ({ installation, name }: Named): string => `${installation}-${name}`

export const tableName = (link: Named): string => base(link)

/** Bucket names are shared by all accounts of the world, hence the account in it. */
export const quarantineBucketName = (link: Named, account: string): string => `${base(link)}-quarantine-${account}`

export const replicatorName = (link: Named): string => `${base(link)}-replicate`

export const topicSyncName = (link: Named): string => `${base(link)}-sync-topics`

export const groupSyncName = (link: Named): string => `${base(link)}-sync-groups`

export const accessSyncName = (link: Named): string => `${base(link)}-sync-access`

export const verifierName = (link: Named): string => `${base(link)}-verify`

export const measureLagName = (link: Named): string => `${base(link)}-measure-lag`

export const heartbeatName = (link: Named): string => `${base(link)}-heartbeat`

/** A pair has one link a direction at most, so that names of what fails over along it need no other name. */
export const failoverMachineName = (link: Named): string => `${base(link)}-failover`

/** The function of the steps of a failover. */
export const failoverName = (link: Named): string => `${base(link)}-failover`

export const fenceName = (link: Named): string => `${base(link)}-fence`

/** Where reports of failovers along a link stay, and what was stranded. */
export const failoverBucketName = (link: Named, account: string): string => `${base(link)}-failover-${account}`

export const mappingRemoverName = (link: Named): string => `${base(link)}-remove-mappings`

/** Fixed for the life of a link: a mapping that is made again goes on where the group stands. */
export const consumerGroup = ({ installation, name }: Named, topic: string): string =>
  `${installation}.${name}.${topic}`

export const alarmName = (link: Named, what: string): string => `${base(link)}-${what}`

/** An account has one list of dashboards, whatever their region: hence the region in the name. */
export const dashboardName = (
  { installation }: { readonly installation: string },
  stage: string,
  region: string,
): string => `${installation}-${stage}-${region}`

/** Whom the alarms tell, unless the topology names somebody else. */
export const alarmTopicName = (link: Named): string => `${base(link)}-alarms`

/** The name of a stack says nothing of the pair, so that a link that joins one keeps its stacks and its state. */
export const stackName = (link: Named, concern: 'state' | 'replication' | 'sync' | 'watch' | 'failover'): string =>
  `${base(link)}-${concern}`

/**
 * The group on the target to which transactions commit how far the source was replicated. No poller's group begins so, on
 * whichever cluster it is, since an installation has at most 14 characters.
 */
export const commitGroup = (link: Named, topic: string): string => `twinshore-commits.${consumerGroup(link, topic)}`

/** Who has it is the only one who may write to the partition's replica. */
export const transactionalId = (link: Named, topic: string, partition: number): string =>
  `${consumerGroup(link, topic)}.${partition}`
