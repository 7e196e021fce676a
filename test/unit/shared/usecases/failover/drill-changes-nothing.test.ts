import { expect, it } from 'vitest'
import type { DataDeps } from '../../../../../shared/usecases/failover/data-deps.ts'
import { drain } from '../../../../../shared/usecases/failover/drain.ts'
import { groups } from '../../../../../shared/usecases/failover/groups.ts'
import { preflight } from '../../../../../shared/usecases/failover/preflight.ts'
import { verify } from '../../../../../shared/usecases/failover/verify.ts'
import { FailoverDataWorld } from '../../../../support/failover-data-world.ts'
import { inTime } from '../../../../support/in-time.ts'

/** Methods that only look. A function that plans does, too. */
const LOOKS = new Set([
  ...['describe', 'settings', 'edges', 'read', 'firstSince', 'list', 'committed', 'topics', 'records', 'pending'],
  ...['readVerified', 'status', 'racks', 'pageAtSource', 'pageAtTarget', 'oldestPage', 'now', 'rest', 'within', 'get'],
  ...['entries', 'keys', 'values', 'has', 'forEach', 'groups', 'access'],
])

/** Every port, however deep, tells what it is asked for. */
const watched = <Part extends object>(part: Part, where: string, calls: string[]): Part =>
  new Proxy(part, {
    get: (of, name) => {
      const member: unknown = Reflect.get(of, name)
      if (typeof member === 'function')
        return (...args: unknown[]) => {
          calls.push(`${where}.${String(name)} ${args[0] === 'plan' || args[0] === 'apply' ? args[0] : ''}`.trim())
          return member.apply(of, args)
        }
      if (member instanceof Map || Array.isArray(member) || typeof member !== 'object' || member === null) return member
      return watched(member, `${where}.${String(name)}`, calls)
    },
  })

it('a drill looks at everything and changes nothing', async () => {
  const there = new FailoverDataWorld({ partitions: 2 })
  const orders = { topic: 'orders', partition: 0 }
  there.world.write('west', orders, 20)
  await there.world.replicate('west-east', orders, 15)
  there.world.commit('west', 'billing', orders, 7)
  there.world.write('east', { topic: 'orders', partition: 1 }, 2)
  const calls: string[] = []
  const deps: DataDeps = watched(there.deps(), 'deps', calls)
  for (const positions of [{ kind: 'mapped' }, { kind: 'earliest' }] as const)
    for (const step of [preflight, drain, groups, verify]) {
      const result = await step(there.context({ mode: 'drill', positions }), inTime(), deps)
      expect(result.outcome).toBe('done')
    }
  expect(calls.length).toBeGreaterThan(30)
  const changing = calls.filter((call) => {
    const [port = '', mode] = call.split(' ')
    return !LOOKS.has(port.split('.').at(-1) ?? '') || mode === 'apply'
  })
  expect(changing).toEqual([])
  expect(there.world.clusters.east.groups.changes).toEqual([])
})
