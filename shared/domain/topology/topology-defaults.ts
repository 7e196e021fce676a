interface Default {
  readonly value: unknown
  readonly unit: string
  readonly because: string
}

/** Everything that a topology may leave out. `naming` and the names of links and pairs follow from the rest. */
export const DEFAULTS = {
  installation: {
    value: 'twinshore',
    unit: 'name',
    because: 'one installation in an account needs no name of its own',
  },
  protect: { value: true, unit: 'yes or no', because: 'the offset map cannot be made again from anything else' },
  tls: { value: true, unit: 'yes or no', because: 'nothing crosses regions in the clear by mistake' },
  placement: {
    value: 'target',
    unit: 'side',
    because: 'what a failover needs survives the loss of the source region',
  },
  compression: { value: 'zstd', unit: 'codec', because: 'the least to send between regions at the least CPU' },
  batchSize: { value: 10_000, unit: 'records', because: 'the 6 MB of an invocation are the better bound' },
  batchWindowMs: {
    value: 500,
    unit: 'ms',
    because: "the pollers' own default; fewer invocations for half a second of delay",
  },
  pollers: { value: 'on-demand', unit: 'mode', because: 'costs nothing while no record flows' },
  delivery: {
    value: 'at-least-once',
    unit: 'promise',
    because: 'a crash repeats one batch at most; transactions cost requests and need readers of committed records',
  },
  onPoison: { value: 'halt', unit: 'policy', because: 'leaving a record out is for an operator to decide' },
  functionTimeoutMs: {
    value: 30_000,
    unit: 'ms',
    because: 'an append that fails at its deadline, and room to remember the others; a failover waits for as long',
  },
  appendDeadlineMs: {
    value: 20_000,
    unit: 'ms',
    because: 'outlasts a leader election; a stopped link is quiet after that long',
  },
  memoryMiB: {
    value: 1_024,
    unit: 'MiB',
    because: 'an event of 6 MB fits 512; compression and cold starts want the CPU',
  },
  logRetentionDays: { value: 30, unit: 'days', because: 'long enough to look into an incident' },
  mapRetentionDays: { value: 365, unit: 'days', because: 'a group that pauses for less still resumes exactly' },
  syncTopics: {
    value: true,
    unit: 'yes or no',
    because: 'a topic that has to be made by hand is found missing too late',
  },
  replicationFactor: {
    value: 'inherit',
    unit: 'replicas',
    because: 'a replica is worth as much as its source; capped by the brokers of the target',
  },
  onSourceDelete: { value: 'keep', unit: 'policy', because: 'deleting the copy too is for an operator to decide' },
  onRecreate: { value: 'append', unit: 'policy', because: 'replication goes on, and nothing of the old life is lost' },
  syncGroups: {
    value: true,
    unit: 'yes or no',
    because: 'a group that resumes elsewhere by its own memory reads again, or skips',
  },
  followRewinds: {
    value: false,
    unit: 'yes or no',
    because: 'a position on the target that was right once is lowered by nobody but an operator',
  },
  accessQuotas: { value: false, unit: 'yes or no', because: 'the brokers of two clusters seldom bear the same load' },
  standstillMs: { value: 300_000, unit: 'ms', because: 'outlasts broker restarts and a deploy' },
  functionErrors: {
    value: 3,
    unit: 'failed invocations in 5 min',
    because: 'one is a broker restart; redelivery mends it',
  },
  throttles: {
    value: 1,
    unit: 'throttled invocations in 5 min',
    because: 'a throttled batch waits, and so does its partition',
  },
  lagSeconds: {
    value: 300,
    unit: 's',
    because: 'what a failover would lose is minutes at most; outlasts broker restarts',
  },
  timeToLossMs: { value: 21_600_000, unit: 'ms', because: 'six hours to act in before records are gone for good' },
  failoverLagRecords: {
    value: 100_000,
    unit: 'records',
    because: 'they are drained while nobody may write, in a minute or so',
  },
  failoverLagSeconds: { value: 60, unit: 's', because: 'who is further behind has a problem that goes first' },
  failoverLostRecords: {
    value: 10_000,
    unit: 'records',
    because: 'what seconds of an outage strand; more is for somebody to allow who knows what they are',
  },
  approvalExpiresMs: { value: 3_600_000, unit: 'ms', because: 'what was true an hour ago is not approved any more' },
  stillMs: { value: 5_000, unit: 'ms', because: 'outlasts the linger and the retries of a producer that is at it' },
  drillEveryDays: { value: 91, unit: 'days', because: 'what nobody has practised for a quarter does not work' },
  tail: { value: 'export', unit: 'choice', because: 'nothing is thrown away, nor mixed with what came later' },
  mayScrape: { value: false, unit: 'yes or no', because: 'who may delete records is allowed to by name' },
} as const satisfies Record<string, Default>
