import { describe, expect, it } from 'vitest'
import { type CostItem, type Load, monthlyCosts, type PassLoad } from '../../../../shared/domain/costs.ts'

const load: Load = {
  topics: 3,
  bytesPerSecond: 2_000,
  bytesPerInvocation: 1_000,
  partitionsPerInvocation: 4,
  invocationMs: 500,
  memoryMiB: 2_048,
  logBytesPerInvocation: 100,
  metrics: 10,
  metricsPerTopic: 2,
  alarms: 6,
  compositeAlarms: 1,
  dashboards: 2,
  keys: 1,
  passes: [],
  eventPollerUnits: 2,
}

const PASS: PassLoad = {
  ...{ everyMinutes: 1, passMs: 2_000, memoryMiB: 512, logBytes: 1_000 },
  ...{ metrics: 0, metricsPerTopic: 0, stateReads: 0, stateWrites: 0, brings: 0 },
}

const dollars = (of: Load): Record<CostItem, number> =>
  Object.fromEntries(monthlyCosts(of).map(({ item, dollars: cost }) => [item, cost])) as Record<CostItem, number>

describe('what a month of a link costs', () => {
  it('is counts times list prices', () => {
    const invocations = 2 * 730 * 3_600
    const costs = dollars(load)
    expect(costs.lambdaCompute).toBeCloseTo(invocations * 0.000_013_333_4)
    expect(costs.lambdaRequests).toBeCloseTo(invocations * 0.000_000_2)
    expect(costs.stateWrites).toBeCloseTo(invocations * 4 * 0.000_000_625)
    expect(costs.stateReads).toBeCloseTo(invocations * 5 * 0.000_000_125)
    expect(costs.transfer).toBeCloseTo(5.256 * 0.02)
    expect(costs.metrics).toBeCloseTo((10 + 3 * 2) * 0.3)
    expect(costs.alarms).toBeCloseTo(6 * 0.1)
    expect(costs.compositeAlarms).toBeCloseTo(0.5)
    expect(costs.dashboards).toBeCloseTo(6)
    expect(costs.keys).toBeCloseTo(1)
    expect(costs.logs).toBeCloseTo(0.525_6 * 0.5)
    expect(costs.pollers).toBeCloseTo(2 * 730 * 0.185)
  })

  it('has a pass over the topics every minute, however few records flow', () => {
    const pass = { ...PASS, metrics: 2 }
    const idle = { ...load, topics: 30, bytesPerSecond: 0, eventPollerUnits: 0 }
    const [without, passing] = [dollars(idle), dollars({ ...idle, passes: [pass] })]
    expect(passing.lambdaCompute).toBeCloseTo(43_800 * 0.000_013_333_4)
    expect(passing.lambdaRequests).toBeCloseTo(43_800 * 0.000_000_2)
    expect(passing.stateReads).toBeCloseTo(43_800 * 3 * 0.000_000_125)
    expect(passing.metrics).toBeCloseTo(2 * 0.3)
    expect(passing.logs).toBeCloseTo(0.043_8 * 0.5)
    expect(passing.schedules).toBeCloseTo(0.043_8)
    expect([passing.transfer, passing.stateWrites, passing.pollers]).toEqual([0, 0, 0])
    expect(passing.alarms).toBe(without.alarms)
  })

  it('has a pass of each kind, with what it reads and writes itself', () => {
    const pass = { ...PASS, metrics: 2, stateReads: 5, stateWrites: 7 }
    const idle = {
      ...load,
      topics: 30,
      bytesPerSecond: 0,
      eventPollerUnits: 0,
      passes: [pass, { ...pass, metrics: 4 }],
    }
    const costs = dollars(idle)
    expect(costs.schedules).toBeCloseTo(2 * 0.043_8)
    expect(costs.stateReads).toBeCloseTo(2 * 43_800 * (3 + 5) * 0.000_000_125)
    expect(costs.stateWrites).toBeCloseTo(2 * 43_800 * 7 * 0.000_000_625)
    expect(costs.metrics).toBeCloseTo(6 * 0.3)
  })

  it('has passes as often as they are made, and their metrics by topic', () => {
    const idle = { ...load, topics: 30, bytesPerSecond: 0, eventPollerUnits: 0 }
    const costs = dollars({ ...idle, passes: [{ ...PASS, everyMinutes: 60, metrics: 3, metricsPerTopic: 2 }] })
    expect(costs.lambdaRequests).toBeCloseTo(730 * 0.000_000_2, 8)
    expect(costs.schedules).toBeCloseTo(0.000_73, 8)
    expect(costs.logs).toBeCloseTo(0.000_73 * 0.5, 8)
    expect(costs.metrics).toBeCloseTo((3 + 30 * 2) * 0.3)
  })

  it('has the invocations that passes bring about, which are no metrics of records', () => {
    const idle = { ...load, bytesPerSecond: 0, eventPollerUnits: 0, passes: [{ ...PASS, passMs: 0, brings: 6 }] }
    const costs = dollars(idle)
    expect(costs.lambdaRequests).toBeCloseTo(7 * 43_800 * 0.000_000_2)
    expect(costs.lambdaCompute).toBeCloseTo(6 * 43_800 * 0.000_013_333_4)
    expect(costs.stateWrites).toBeCloseTo(6 * 43_800 * 4 * 0.000_000_625)
    expect(costs.metrics).toBe(0)
  })

  it('is nothing but alarms, their key and dashboards while no record flows on demand', () => {
    const idle = monthlyCosts({ ...load, bytesPerSecond: 0, eventPollerUnits: 0 }).filter((cost) => cost.dollars > 0)
    expect(idle.map(({ item }) => item)).toEqual(['alarms', 'compositeAlarms', 'dashboards', 'keys'])
  })
})
