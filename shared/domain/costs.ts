/** List prices of us-east-1 in dollars; what they are for is in the unit. */
const PRICES = {
  lambdaCompute: { dollars: 0.000_013_333_4, unit: 'GB-second on arm64' },
  lambdaRequests: { dollars: 0.000_000_2, unit: 'invocation' },
  stateWrites: { dollars: 0.000_000_625, unit: 'write unit on demand' },
  stateReads: { dollars: 0.000_000_125, unit: 'read unit on demand' },
  transfer: { dollars: 0.02, unit: 'GB to another region' },
  metrics: { dollars: 0.3, unit: 'custom metric and month' },
  alarms: { dollars: 0.1, unit: 'metric of an alarm and month' },
  compositeAlarms: { dollars: 0.5, unit: 'composite alarm and month' },
  dashboards: { dollars: 3, unit: 'dashboard beyond three of the account, and month' },
  logs: { dollars: 0.5, unit: 'GB of log' },
  keys: { dollars: 1, unit: 'KMS key and month' },
  schedules: { dollars: 0.000_001, unit: 'scheduled invocation' },
  pollers: { dollars: 0.185, unit: 'event poller unit and hour' },
} as const satisfies Record<string, { dollars: number; unit: string }>

export type CostItem = keyof typeof PRICES

/** What a link has to do; the rest follows from it. */
export interface Load {
  readonly topics: number
  readonly bytesPerSecond: number
  readonly bytesPerInvocation: number
  /** Each costs a write of its checkpoint. */
  readonly partitionsPerInvocation: number
  readonly invocationMs: number
  readonly memoryMiB: number
  /** What an invocation logs, metrics included. */
  readonly logBytesPerInvocation: number
  /** Of the link as a whole, and of each topic that has records, both only in months in which records flow. */
  readonly metrics: number
  readonly metricsPerTopic: number
  readonly alarms: number
  /** What looks at several alarms at once. */
  readonly compositeAlarms: number
  /** One for the links of a pair in a region. */
  readonly dashboards: number
  /** What alarms tell is encrypted with a key of the link's own, unless the topology names another one, or whom to tell. */
  readonly keys: number
  /** One of each kind that the link has. Access rights are off by default. */
  readonly passes: readonly PassLoad[]
  /** 0: on demand. */
  readonly eventPollerUnits: number
}

/** What each pass of one kind takes. It reads the status and the topics in any case. */
export interface PassLoad {
  readonly everyMinutes: number
  readonly passMs: number
  readonly memoryMiB: number
  readonly logBytes: number
  readonly metrics: number
  readonly metricsPerTopic: number
  /** Of heads of partitions and of groups. */
  readonly stateReads: number
  /** Of the positions of a group in a topic, in every pass in which they moved; of what a look remembers. */
  readonly stateWrites: number
  /** Invocations of the replicate function, for what a pass writes to the source: heartbeats. */
  readonly brings: number
}

export interface Cost {
  readonly item: CostItem
  /** How many of `unit` in a month. */
  readonly amount: number
  readonly unit: string
  readonly dollars: number
}

const HOURS_A_MONTH = 730
const SECONDS_A_MONTH = HOURS_A_MONTH * 3_600
const GB = 1_000_000_000
const MIB_A_GB = 1_024
/** Status and head of a partition are far below the 4 KB of a strongly consistent read unit. */
const STATUS_READS = 1
/** What is remembered of a topic takes some 200 bytes, and a read unit has 4 KB. */
const TOPICS_A_READ = 20
const MINUTES_A_MONTH = HOURS_A_MONTH * 60

const gbSeconds = (ms: number, { memoryMiB }: { readonly memoryMiB: number }): number =>
  (ms / 1_000) * (memoryMiB / MIB_A_GB)

const metricsOf = ({ topics, metrics, metricsPerTopic, passes }: Load, busy: number): number => {
  const ofPasses = passes.reduce((total, pass) => total + pass.metrics + pass.metricsPerTopic * topics, 0)
  return ofPasses + (busy === 0 ? 0 : metrics + metricsPerTopic * topics)
}

const amounts = (load: Load): Record<CostItem, number> => {
  const ofPasses = (amount: (pass: PassLoad) => number): number =>
    load.passes.reduce((total, pass) => total + (MINUTES_A_MONTH / pass.everyMinutes) * amount(pass), 0)
  const passes = ofPasses(() => 1)
  const busy = (load.bytesPerSecond / load.bytesPerInvocation) * SECONDS_A_MONTH
  const invocations = busy + ofPasses(({ brings }) => brings)
  const readsByAll = STATUS_READS + Math.ceil(load.topics / TOPICS_A_READ)
  return {
    lambdaCompute: invocations * gbSeconds(load.invocationMs, load) + ofPasses((pass) => gbSeconds(pass.passMs, pass)),
    lambdaRequests: invocations + passes,
    stateWrites: invocations * load.partitionsPerInvocation + ofPasses(({ stateWrites }) => stateWrites),
    stateReads:
      invocations * (STATUS_READS + load.partitionsPerInvocation) +
      ofPasses(({ stateReads }) => readsByAll + stateReads),
    transfer: (load.bytesPerSecond * SECONDS_A_MONTH) / GB,
    metrics: metricsOf(load, busy),
    alarms: load.alarms,
    compositeAlarms: load.compositeAlarms,
    dashboards: load.dashboards,
    keys: load.keys,
    logs: (invocations * load.logBytesPerInvocation + ofPasses(({ logBytes }) => logBytes)) / GB,
    schedules: passes,
    pollers: load.eventPollerUnits * HOURS_A_MONTH,
  }
}

/** What a month costs: list prices times counts, not a bill. */
export const monthlyCosts = (load: Load): readonly Cost[] => {
  const counted = amounts(load)
  return (Object.keys(PRICES) as CostItem[]).map((item) => {
    const { dollars, unit } = PRICES[item]
    return { item, amount: counted[item], unit, dollars: counted[item] * dollars }
  })
}
