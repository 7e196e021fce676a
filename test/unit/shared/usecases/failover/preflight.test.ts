import { setImmediate } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import type { PreflightReport } from '../../../../../shared/domain/failover/preflight-report.ts'
import { preflight } from '../../../../../shared/usecases/failover/preflight.ts'
import { FailoverDataWorld } from '../../../../support/failover-data-world.ts'
import { inTime } from '../../../../support/in-time.ts'
import { intercepted } from '../../../../support/intercepted-port.ts'

const ORDERS = { topic: 'orders', partition: 0 }
const SECOND = { topic: 'orders', partition: 1 }

let there: FailoverDataWorld
beforeEach(async () => {
  there = new FailoverDataWorld({ partitions: 2 })
  for (const id of [ORDERS, SECOND]) {
    there.world.write('west', id, 5)
    await there.world.replicate('west-east', id)
  }
})

const look = async (input: Parameters<FailoverDataWorld['run']>[1] = {}) => {
  const result = await there.run(preflight, input)
  return { ...result, report: result.facts?.['report'] as PreflightReport }
}
const saying = ({ checks }: PreflightReport, ...verdicts: readonly string[]) =>
  checks.filter(({ verdict }) => verdicts.includes(verdict)).map(({ name, verdict }) => `${name} ${verdict}`)

describe('the preflight of a pair', () => {
  it('passes when all is well, tells what is to be approved, and changes nothing', async () => {
    const { outcome, data, report } = await look()
    expect(saying(report, 'fail', 'unknown', 'warn')).toEqual([])
    expect(outcome).toBe('done')
    expect(data).toEqual({ hash: expect.stringMatching(/^[0-9a-f]{32}$/), passed: true, needsApproval: true })
    expect(report).toMatchObject({ pair: 'west-east', from: 'west', to: 'east', epoch: 3, mode: 'planned' })
    expect(there.functions.calls.filter((call) => call.includes('apply'))).toEqual([])
    expect(there.world.clusters.east.groups.changes).toEqual([])
  })

  it('asks for no approval in drills, where the topology wants none, and where it was given beforehand', async () => {
    const { data } = await look()
    const hash = String(data?.['hash'])
    expect((await look({ approved: hash })).data?.['needsApproval']).toBe(false)
    expect((await look({ approved: hash.slice(1) })).data?.['needsApproval']).toBe(true)
    expect((await look({ mode: 'drill' })).data?.['needsApproval']).toBe(false)
    there.approvalNeeded = false
    expect((await look()).data?.['needsApproval']).toBe(false)
  })

  it('has other limits where somebody asks for them', async () => {
    there.functions.lag = { ...there.functions.lag, records: 50, lagMs: 50_000 }
    expect((await look()).data?.['passed']).toBe(true)
    const { report, message } = await look({ limits: { lagRecords: 49, lagSeconds: 49 } })
    expect(saying(report, 'fail')).toEqual(['lag-records fail', 'lag-seconds fail'])
    expect(message).toContain('lag-records (50 records')
  })

  it('finds a replica with fewer partitions, and one without a leader', async () => {
    there.world.clusters.east.topics.put('orders', { partitions: 1 })
    expect(saying((await look()).report, 'fail')).toContain('partitions-equal fail')
    there.world.clusters.east.topics.put('orders', { partitions: 2 })
    there.target.leaderless.add('orders-1')
    expect(saying((await look()).report, 'fail', 'unknown')).toEqual([
      'target-reachable fail',
      'no-foreign-writes unknown',
      'one-writable-side unknown',
    ])
  })

  it('finds replicas that take no records, by what their topic asks for', async () => {
    there.layout.kill(2)
    expect(saying((await look()).report, 'warn', 'fail')).toEqual(['target-in-sync warn'])
    there.world.clusters.east.topics.put('orders', { partitions: 2, settings: { 'min.insync.replicas': '2' } })
    expect(saying((await look()).report, 'warn', 'fail')).toEqual(['target-in-sync fail'])
  })

  it('tells full disks, and disks that nobody tells of', async () => {
    there.disks.facts = {
      disks: [{ node: 1, directory: '/a', totalBytes: 100, usableBytes: 14 }],
      offline: [],
      unmeasured: [],
    }
    expect(saying((await look()).report, 'fail')).toEqual(['target-disk fail'])
    there.disks.reachable = false
    expect(saying((await look()).report, 'unknown')).toEqual(['target-disk unknown'])
  })

  it('finds records that somebody else wrote to a replica, and not those that are being replicated', async () => {
    there.world.write('east', ORDERS, 2)
    expect((await look()).report.checks.find(({ name }) => name === 'no-foreign-writes')).toMatchObject({
      verdict: 'fail',
      measured: '2 records',
    })
  })

  it('waits for what is being appended until it is in the map', async () => {
    there.world.write('west', ORDERS, 3)
    await there.world.replicate('west-east', ORDERS, 3, { dies: true }) // appended, and not yet written down
    let looks = 0
    there.meanwhile = async () => {
      if (looks++ === 0) await there.world.replicate('west-east', ORDERS)
    }
    expect(saying((await look()).report, 'fail', 'unknown')).toEqual([])
    expect(looks).toBe(1)
  })

  it('takes markers beyond the map for nothing', async () => {
    there.world.write('east', ORDERS, 2, 'markers')
    expect(saying((await look()).report, 'fail', 'unknown')).toEqual([])
  })

  it('tells that both sides are written to', async () => {
    there.world.write('east', ORDERS, 1)
    there.meanwhile = () => there.world.write('east', ORDERS, 1)
    expect(saying((await look()).report, 'fail')).toEqual(['no-foreign-writes fail', 'one-writable-side fail'])
  })

  it('knows the roles, and what is pending in either region', async () => {
    there.forward = { mode: 'stopped', role: 'active', epoch: 2 }
    there.reverse = { mode: 'forwarding', role: 'standby', epoch: 2 }
    expect(saying((await look()).report, 'fail')).toEqual(['one-writable-side fail', 'reverse-stopped fail'])
    there.forward = { mode: 'forwarding', role: 'standby', epoch: 2 }
    there.reverse = undefined
    expect(saying((await look()).report, 'fail', 'warn')).toEqual(['reverse-stopped warn'])
    const debts = { execution: 'old', epoch: 1, tail: 'export', since: 0, owed: ['fence'] } as const
    there.pending = debts
    expect(saying((await look()).report, 'fail')).toEqual(['no-pending-fence fail'])
    there.pending = undefined
    there.reverse = { mode: 'stopped', role: 'active', epoch: 2 }
    there.reversePending = debts
    expect(saying((await look()).report, 'fail')).toEqual(['no-pending-fence fail'])
  })

  it('stands still where a partition does, and warns of holes that nobody has read', async () => {
    const { map } = there.world.memory('west-east')
    const head = map.head(ORDERS)
    if (head === undefined) throw new Error('no head')
    await map.advance(ORDERS, head, { ...head, nextSource: 6n, unverifiedFrom: 2n })
    expect(saying((await look()).report, 'fail', 'warn')).toEqual(['gaps-explained warn'])
    await map.advance(ORDERS, { ...head, nextSource: 6n }, { ...head, nextSource: 7n, rewoundTo: 2n })
    expect(saying((await look()).report, 'fail')).toContain('gaps-explained fail')
  })

  it('says of a topic how long it is kept, on either side', async () => {
    there.world.clusters.west.topics.put('orders', { partitions: 2, settings: { 'retention.ms': '1000' } })
    await there.world.replicate('west-east', ORDERS) // another life
    const { report } = await look()
    expect(report.checks.find(({ name }) => name === 'source-retention')).toMatchObject({
      verdict: 'warn',
      measured: '1 s, orders',
    })
  })

  it('does not pass when the source is gone, and says why', async () => {
    there.loseSource()
    const { report, data } = await look()
    expect(data?.['passed']).toBe(false)
    expect(saying(report, 'fail')).toEqual(['source-reachable fail'])
    expect(saying(report, 'unknown')).toEqual(
      [
        ...['partitions-equal', 'topics-sound', 'groups-fresh', 'settings-in-step', 'access-in-step'],
        ...['no-pending-fence', 'reverse-stopped', 'source-retention'],
      ].map((name) => `${name} unknown`),
    )
  })

  it('passes an unplanned failover from it, with its loss', async () => {
    there.loseSource()
    const { now } = there.world
    const topics = [{ topic: 'orders', records: 4 }]
    there.functions.lag = { ...there.functions.lag, records: 4, topics, sourceUnreachableSince: now - 60_000 }
    const { report, data, message } = await look({ mode: 'unplanned' })
    expect(saying(report, 'fail', 'unknown')).toEqual([])
    expect(data?.['passed']).toBe(true)
    expect(report.loss).toEqual({ records: 4, knownAt: now - 60_000, topics })
    expect(message).toContain('4 records would be lost')
  })

  it('looks at the target although a source that is gone took all the time that there was for it', async () => {
    there.loseSource()
    const { now } = there.world
    there.functions.lag = { ...there.functions.lag, sourceUnreachableSince: now - 60_000 }
    const deps = there.deps()
    const given: AbortController[] = []
    const within: typeof deps.within = () => {
      const running = new AbortController()
      given.push(running)
      return { ...inTime(), signal: running.signal, end: () => undefined }
    }
    const keeping = intercepted(deps.from.topics, async (_method, _args, call) => {
      await setImmediate() // the target is asked at the same time
      for (const running of given) running.abort()
      return await call()
    })
    const from = { ...deps.from, topics: keeping }
    const { facts } = await preflight(there.context({ mode: 'unplanned' }), inTime(), { ...deps, from, within })
    const report = facts?.['report'] as PreflightReport
    expect(saying(report, 'fail', 'unknown')).toEqual([])
  })

  it('refuses an unplanned failover from a source that is well, but for who forces it', async () => {
    const { report, message } = await look({ mode: 'unplanned' })
    expect(saying(report, 'fail')).toEqual(['source-unhealthy fail'])
    expect(message).toContain('source-unhealthy')
    expect((await look({ mode: 'unplanned', force: true })).data?.['passed']).toBe(true)
  })
})
