import { beforeEach, describe, expect, it } from 'vitest'
import type { Invoke } from '../../../cli/asking.ts'
import { runRacks } from '../../../cli/racks.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import { toPlain } from '../../../shared/domain/plain.ts'
import { surveyRacks } from '../../../shared/usecases/racks/survey-racks.ts'
import { FakeClusterLayout } from '../../fakes/cluster-layout.ts'
import { FakeTopicAdmin } from '../../fakes/topic-admin.ts'
import { inTime } from '../../support/in-time.ts'

const results: string[] = []
const notes: string[] = []
const asked: { readonly name: string; readonly event: object }[] = []
const terminal = { result: (text: string) => void results.push(text), note: (text: string) => void notes.push(text) }

beforeEach(() => {
  for (const list of [results, notes, asked]) list.length = 0
})

const clusterOf = (racks: readonly (string | undefined)[]) => {
  const deps = { layout: new FakeClusterLayout(racks), topics: new FakeTopicAdmin('target') }
  const put = (topic: string, minInSync: string, ...replicas: readonly (readonly number[])[]): void => {
    deps.layout.put(topic, ...replicas)
    deps.topics.put(topic, { settings: { 'min.insync.replicas': minInSync } })
  }
  const invoke: Invoke = async ({ name }, event) => {
    asked.push({ name, event })
    return toPlain(await surveyRacks(inTime(), deps))
  }
  return { put, invoke, ...deps }
}

describe('twinshore racks', () => {
  it('ends with 0 when the cluster survives the loss of any one rack', async () => {
    const { put, invoke } = clusterOf(['a', 'b', 'c'])
    put('orders', '2', [1, 2, 3])
    expect(await runRacks(['west'], terminal, invoke)).toBe(0)
    expect(asked).toEqual([{ name: 'twinshore-west-east-measure-lag', event: { mode: 'racks', side: 'source' } }])
    expect(results[0]).toMatch(/^west survives the loss of any one rack: 1 partition$/m)
    expect(results[0]).toMatch(/^controllers: 3 of 3 follow, 2 are needed; they go on without any one rack$/m)
  })

  it('asks for the side of the link that the cluster is', async () => {
    const { put, invoke } = clusterOf(['a', 'b', 'c'])
    put('orders', '2', [1, 2, 3])
    await runRacks(['east'], terminal, invoke)
    expect(asked.map(({ event }) => event)).toEqual([{ mode: 'racks', side: 'target' }])
  })

  it('ends with 1 and names partitions, racks and why', async () => {
    const { put, invoke } = clusterOf(['a', 'a', 'b'])
    put('orders', '2', [1, 2, 3], [2, 1])
    put('bills', '1', [3])
    expect(await runRacks(['west'], terminal, invoke)).toBe(1)
    expect(results[0]).toMatch(/^west does not survive/)
    expect(results[0]).toMatch(/^a +2 +2 +lose their majority$/m)
    expect(results[0]).toMatch(/^b +1 +1 +keep their majority$/m)
    expect(results[0]).toMatch(/^orders +0 +3 +2 +a +losing a rack leaves fewer/m)
    expect(results[0]).toMatch(/^orders +1 +2 +2 +a +all replicas that are in sync are in one rack$/m)
    expect(results[0]).toMatch(/^bills +0 +1 +1 +b +all replicas/m)
    expect(results[0]).toMatch(/without a nobody elects leaders/)
  })

  it('does not call a cluster safe of which nobody tells the racks', async () => {
    const { put, invoke } = clusterOf([undefined, undefined, undefined])
    put('orders', '2', [1, 2, 3])
    expect(await runRacks(['west'], terminal, invoke)).toBe(1)
    expect(results[0]).toMatch(/^west nobody can tell.*of which nobody can tell of 1$/m)
    expect(results[0]).toMatch(/could not be told\nno broker has a rack/)
  })

  it('says how many there are when it does not list them all', async () => {
    const { put, invoke } = clusterOf(['a', 'b', 'c'])
    put('orders', '1', ...Array.from({ length: 60 }, () => [1]))
    await runRacks(['west'], terminal, invoke)
    expect(results[0]).toContain('take no records, the first 50 of 60')
    expect(results[0]?.match(/^orders /gm)).toHaveLength(50)
  })

  it('prints the whole report as JSON', async () => {
    const { put, invoke } = clusterOf(['a', 'b', 'c'])
    put('orders', '3', [1, 2, 3])
    expect(await runRacks(['west', '--json'], terminal, invoke)).toBe(1)
    expect(JSON.parse(results[0] ?? '')).toMatchObject({
      cluster: 'west',
      verdict: 'unsafe',
      unsafe: [{ topic: 'orders', fault: 'too-few-left', racks: ['a', 'b', 'c'] }],
    })
  })

  it('fails when no function answers, or not with a report', async () => {
    const failing: Invoke = async () => Promise.reject(new ReplicationError('FUNCTION_UNREACHABLE', 'invoking it'))
    await expect(runRacks(['west'], terminal, failing)).rejects.toThrow('FUNCTION_UNREACHABLE')
    await expect(runRacks(['west'], terminal, async () => ({ samples: 1 }))).rejects.toThrow(/no report on racks/)
  })

  it('names the clusters that there are', async () => {
    const { invoke } = clusterOf(['a'])
    await expect(runRacks(['nowhere'], terminal, invoke)).rejects.toThrow(
      /the cluster nowhere: the links have west, east/,
    )
    await expect(runRacks([], terminal, invoke)).rejects.toThrow('racks takes the name of one cluster')
  })
})
