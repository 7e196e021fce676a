/** List prices of us-east-1 in dollars; what they are for is in the unit. */
const PRICES = {
  lambdaCompute: { dollars: 0.000_013_333_4, unit: 'GB-second on arm64' },
  lambdaRequests: { dollars: 0.000_000_2, unit: 'invocation' },
  stateWrites: { dollars: 0.000_000_625, unit: 'write unit on demand' },
  stateReads: { dollars: 0.000_000_125, unit: 'read unit on demand' },
  transfer: { dollars: 0.02, unit: 'GB to another region' },
  metrics: { dollars: 0.3, unit: 'custom metric and month' },
  alarms: { dollars: 0.1, unit: 'alarm and month' },
  logs: { dollars: 0.5, unit: 'GB of log' },
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
  readonly metricsPerTopic: number
  readonly alarms: number
  /** 0: on demand. */
  readonly eventPollerUnits: number
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

const amounts = (load: Load): Record<CostItem, number> => {
  const invocations = (load.bytesPerSecond / load.bytesPerInvocation) * SECONDS_A_MONTH
  return {
    lambdaCompute: invocations * (load.invocationMs / 1_000) * (load.memoryMiB / MIB_A_GB),
    lambdaRequests: invocations,
    stateWrites: invocations * load.partitionsPerInvocation,
    stateReads: invocations * (STATUS_READS + load.partitionsPerInvocation),
    transfer: (load.bytesPerSecond * SECONDS_A_MONTH) / GB,
    metrics: invocations === 0 ? 0 : load.metricsPerTopic * (1 + load.topics), // each topic, and all together
    alarms: load.alarms,
    logs: (invocations * load.logBytesPerInvocation) / GB,
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
