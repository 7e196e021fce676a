export interface Limit {
  readonly max: number
  /** Only where the lower end is somebody else's rule and not just common sense. */
  readonly min?: number
  readonly unit: string
  readonly because: string
}

/** Every limit of a topology, checked before anything is deployed. */
export const LIMITS = {
  batchSize: { min: 1, max: 10_000, unit: 'records', because: "the largest batch of Lambda's Kafka pollers" },
  batchWindow: { min: 0, max: 300_000, unit: 'ms', because: "the longest window of Lambda's pollers" },
  functionTimeout: {
    min: 10_000,
    max: 840_000,
    unit: 'ms',
    because: 'Kafka pollers wait 14 minutes for a function, not 15; below 10 s nothing is left beside the append',
  },
  appendDeadlineReserve: {
    max: 5_000,
    unit: 'ms',
    because: 'what reading state, writing the checkpoint and ending in order may take beside an append',
  },
  memory: {
    min: 512,
    max: 10_240,
    unit: 'MiB',
    because: 'an event of 6 MB with its batches needs 512; Lambda ends at 10,240',
  },
  pollersMinimum: { min: 1, max: 200, unit: 'pollers', because: 'the bounds of Lambda for MinimumPollers' },
  pollersMaximum: { min: 1, max: 2_000, unit: 'pollers', because: 'the bounds of Lambda for MaximumPollers' },
  pollersPerGroup: { max: 2_000, unit: 'pollers', because: 'the sum of MaximumPollers that share a poller group' },
  mappingsPerGroup: { max: 100, unit: 'mappings', because: 'event source mappings that share a poller group' },
  pollerGroupName: { max: 128, unit: 'characters', because: "Lambda's bound for PollerGroupName" },
  topicName: { min: 2, max: 249, unit: 'characters', because: "Kafka's bound; Lambda's pattern needs at least two" },
  consumerGroup: { max: 200, unit: 'characters', because: "Lambda's bound for a consumer group id" },
  topicsPerLink: {
    min: 1,
    max: 400,
    unit: 'topics',
    because: 'each is a resource of one stack, and CloudFormation takes 500 with alarms and roles',
  },
  topicsPerIamLink: {
    min: 1,
    max: 150,
    unit: 'topics',
    because: 'each is named in the policies of a role that logs in to MSK by IAM, and IAM takes so many of them',
  },
  bootstrapServers: { min: 1, max: 10, unit: 'servers', because: 'what an event source mapping takes' },
  bootstrapServer: { max: 300, unit: 'characters', because: 'what an event source mapping takes' },
  subnets: {
    min: 1,
    max: 15,
    unit: 'subnets',
    because: 'with five security groups, a login and a CA they are the 22 access entries that a mapping takes',
  },
  securityGroups: {
    min: 1,
    max: 5,
    unit: 'security groups',
    because: "Lambda's bound for the VPC configuration of a function",
  },
  installationName: { max: 14, unit: 'characters', because: 'starts the bucket name, which S3 ends at 63' },
  linkName: { max: 24, unit: 'characters', because: 'is part of the bucket name, which S3 ends at 63' },
  environment: { max: 4_096, unit: 'bytes', because: 'all environment variables of a function together' },
  reservedConcurrency: {
    min: 1,
    max: 1_000,
    unit: 'invocations',
    because: '0 stops the link; 1,000 is the default of an account',
  },
  mapRetention: {
    min: 1,
    max: 3_650,
    unit: 'days',
    because: 'ten years; what is older is rather a mistake of the unit',
  },
  replicationFactor: { min: 1, max: 32_767, unit: 'replicas', because: 'Kafka counts them in 16 bits' },
  deleteAfter: { min: 1, max: 3_650, unit: 'days', because: 'ten years; what is longer is rather meant as keep' },
  clusterId: { min: 1, max: 64, unit: 'characters', because: 'Kafka makes them of 22; no broker takes a long one' },
  messageBytes: {
    max: 4_669_440,
    unit: 'bytes',
    because: 'an event of 6 MiB holds records as base64, and 64 KiB are kept for headers and envelope',
  },
  standstillMs: {
    min: 60_000,
    max: 86_400_000,
    unit: 'ms',
    because: 'CloudWatch looks once a minute; after a day it is no alarm',
  },
  functionErrors: {
    min: 1,
    max: 1_000,
    unit: 'failed invocations',
    because: 'more of them in five minutes is no alarm',
  },
  throttles: { min: 1, max: 1_000, unit: 'throttled invocations', because: 'more of them in five minutes is no alarm' },
  lagSeconds: {
    min: 30,
    max: 86_400,
    unit: 's',
    because: 'below that samples every ten seconds cannot tell; after a day it is no alarm',
  },
  lagRecords: { min: 1, max: 1_000_000_000_000, unit: 'records', because: 'no lag is an alarm without one record' },
  timeToLossMs: {
    min: 60_000,
    max: 2_592_000_000,
    unit: 'ms',
    because: 'CloudWatch looks once a minute; thirty days ahead nobody acts',
  },
  failoverLagRecords: {
    min: 1,
    max: 1_000_000_000,
    unit: 'records',
    because: 'a transaction that ends is one record behind; clients wait while they are drained',
  },
  failoverLagSeconds: { min: 1, max: 3_600, unit: 's', because: 'clients wait while it is drained' },
  failoverLostRecords: { min: 0, max: 1_000_000_000_000, unit: 'records', because: '0 refuses every loss' },
  approvalExpires: {
    min: 60_000,
    max: 43_200_000,
    unit: 'ms',
    because: 'somebody has to read the report; half of the day that an execution has',
  },
  stillMs: { min: 1_000, max: 60_000, unit: 'ms', because: 'has to fit into one call of a function' },
  drillEveryDays: { min: 1, max: 365, unit: 'days', because: 'once a year is the least that anybody asks for' },
  fencePrincipals: { min: 1, max: 100, unit: 'principals', because: 'each is an ACL that is set while clients wait' },
} as const satisfies Record<string, Limit>

/** What CloudWatch Logs accepts as the retention of a log group, in days. */
export const LOG_RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]
