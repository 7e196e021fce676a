import { expect } from 'vitest'
import { connectFailover, type FailoverConnections } from '../../shared/adapters/failover-connections.ts'
import { rest } from '../../shared/adapters/running-deadline.ts'
import type { FailoverInput } from '../../shared/domain/failover/failover-input.ts'
import { FAILOVER_STEPS } from '../../shared/domain/failover/failover-step.ts'
import { INITIAL_STATUS } from '../../shared/domain/head.ts'
import { boundary } from '../../shared/usecases/failover/boundary.ts'
import type { CoreDeps } from '../../shared/usecases/failover/failover-deps.ts'
import type { PerformStep } from '../../shared/usecases/failover/failover-ports.ts'
import { lock } from '../../shared/usecases/failover/lock.ts'
import { promote } from '../../shared/usecases/failover/promote.ts'
import { release } from '../../shared/usecases/failover/release.ts'
import { reverse } from '../../shared/usecases/failover/reverse.ts'
import { rollback } from '../../shared/usecases/failover/rollback.ts'
import { runStep, type Steps } from '../../shared/usecases/failover/run-step.ts'
import { stop } from '../../shared/usecases/failover/stop.ts'
import { validate } from '../../shared/usecases/failover/validate.ts'
import { FakeMappingControl } from '../fakes/mapping-control.ts'
import { orderOf } from './failover-order.ts'
import { inputOf } from './failover-world.ts'
import { inTime } from './in-time.ts'
import type { Rig } from './replication-rig.ts'
import type { RigLink } from './rig-link.ts'
import { RIG_ACCOUNT, RIG_REGION } from './rig-topology.ts'

export const RIG_PLACE = { region: RIG_REGION, account: RIG_ACCOUNT, partition: 'aws' }
/** Instead of half a minute of a deployed function. */
const TIMEOUT_MS = 1_000

/** A link and the one back. */
type Way = readonly [RigLink, RigLink]

export interface PlayedFailover {
  readonly input?: Partial<FailoverInput>
  /** Played instead of the step `switch`. */
  readonly switched?: PerformStep<CoreDeps>
  /** Once nothing is written to the source any more. */
  readonly drained?: () => Promise<unknown>
}

const PLAYED = 'played by the test'
const nothing: PerformStep<CoreDeps> = async () => ({ outcome: 'done', message: PLAYED })

/** What nobody has to approve. */
const preflight: PerformStep<CoreDeps> = async ({ execution: { input } }) => ({
  outcome: 'done',
  message: PLAYED,
  data: { hash: 'hash', passed: true, needsApproval: false },
  facts: { report: input },
})

const OTHERS = ['approve', 'fence', 'prove', 'drain', 'groups', 'switch', 'verify', 'report', 'hold'] as const
const REAL = { validate, lock, stop, boundary, promote, reverse, rollback, release }

/**
 * Fails over along two links between real clusters. Lock, roles, boundaries and checkpoints are real; mappings, Step Functions,
 * fences, people and clients are played.
 */
export class RigFailover {
  readonly forth: RigLink
  readonly back: RigLink
  readonly #mappings: ReadonlyMap<string, FakeMappingControl>
  readonly #open: FailoverConnections[] = []

  private constructor(forth: RigLink, back: RigLink) {
    this.forth = forth
    this.back = back
    this.#mappings = new Map([forth, back].map(({ link }) => [link.name, new FakeMappingControl()]))
  }

  /** The source of the first link is active. */
  static async prepare(rig: Rig, topic: string): Promise<RigFailover> {
    const bothWays = { naming: 'identity', provenance: true, topics: [topic] } as const
    const [forth, back] = [await rig.link(bothWays), await rig.link({ ...bothWays, reverse: true })]
    Object.assign(process.env, forth.environment)
    await back.state.setStatus(INITIAL_STATUS, { mode: 'stopped', role: 'active', epoch: 0 }, inTime())
    return new RigFailover(forth, back)
  }

  /** Every step has to be done. */
  async along(way: Way, name: string, { input, switched = nothing, drained }: PlayedFailover = {}): Promise<CoreDeps> {
    const { ledger, core: deps } = this.#connect(way)
    const steps = {
      ...Object.fromEntries(OTHERS.map((step) => [step, nothing])),
      ...{ ...REAL, preflight, switch: switched },
    } as Steps<CoreDeps>
    const arn = `arn:aws:states:eu-west-1:1:execution:it:${name}`
    const execution = { name, arn, startedAt: 0, input: inputOf(input) }
    for (const step of [...FAILOVER_STEPS, 'release' as const]) {
      if (step === 'gate') continue
      const answer = await runStep({ step, attempt: 1 }, execution, inTime(60_000), {
        ledger,
        clock: Date,
        steps,
        deps,
      })
      expect(answer, `${step}: ${answer.message}`).toMatchObject({ outcome: 'done' })
      if (step === 'drain') await drained?.()
      if (step === 'stop') await way[0].stopPolling()
    }
    return deps
  }

  close(): void {
    for (const connections of this.#open) connections.close()
  }

  #connect([link, reverseLink]: Way): { readonly ledger: FailoverConnections['ledger']; readonly core: CoreDeps } {
    const quick = (one: RigLink) => ({ ...one.link, functionTimeoutMs: TIMEOUT_MS })
    const connections = connectFailover(orderOf(quick(link), quick(reverseLink)), RIG_PLACE)
    this.#open.push(connections)
    const { deps, ledger } = connections
    const core: CoreDeps = {
      ...deps,
      forward: { ...deps.forward, mappings: this.#pollersOf(link) },
      ...(deps.reverse && { reverse: { ...deps.reverse, mappings: this.#pollersOf(reverseLink) } }),
      executions: { isRunning: async () => false },
      gate: { open: async () => ({ outcome: 'done', message: 'the test opens nothing' }) },
      rest,
    }
    return { ledger, core }
  }

  #pollersOf({ link: { name } }: RigLink): FakeMappingControl {
    const found = this.#mappings.get(name)
    if (found === undefined) throw new RangeError(`${name} is no link of this failover`)
    return found
  }
}
