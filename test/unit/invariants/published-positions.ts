import { intercepted } from '../../support/intercepted-port.ts'
import { GroupWorld } from '../../support/sync-groups-world.ts'

export type PublishingStep =
  | { readonly kind: 'write'; readonly count: number; readonly markers: boolean }
  | { readonly kind: 'replicate'; readonly count: number; readonly dies: boolean }
  /** The group commits on the source: so many offsets further, or further back. */
  | { readonly kind: 'read'; readonly by: number }
  /** Somebody commits on the target: the group itself, or an operator. */
  | { readonly kind: 'read-there'; readonly by: number }
  | { readonly kind: 'join' }
  | { readonly kind: 'leave' }
  /** `joins`: a consumer joins on the target before that look at its groups, or at the ledger. */
  | { readonly kind: 'pass'; readonly joins?: number }

export interface PublishingHistory {
  readonly followRewinds: boolean
  readonly steps: readonly PublishingStep[]
}

const ORDERS = { topic: 'orders', partition: 0 }
const REPLICA = { topic: 'west.orders', partition: 0 }
const GROUP = 'billing'

/** A group on both clusters, and what every pass over it did to where it stands on the target. */
class PublishedGroup {
  readonly violations = new Map<string, string[]>()
  readonly #world: GroupWorld
  readonly #follows: boolean
  /** What the group had committed on the source when a pass last looked at it. */
  #seen = 0n
  /** The source group went back, and no pass has seen the target follow: one that died has not committed, or it was live. */
  #wentBack = false
  /** Whether the last pass, when it looked, found the group without members; of others it does not ask where they stand. */
  #lookedIdle = false
  #put: bigint | undefined

  constructor(followRewinds: boolean) {
    this.#follows = followRewinds
    this.#world = new GroupWorld({
      bothWays: false,
      links: { followRewinds },
      limits: { openRunsBytes: 12, pageBytes: 20 },
    })
    this.#world.write('east', REPLICA, 3)
  }

  async play(step: PublishingStep): Promise<void> {
    const world = this.#world
    if (step.kind === 'write') return world.write('west', ORDERS, step.count, step.markers ? 'markers' : 'records')
    if (step.kind === 'replicate') return await world.replicate('west-east', ORDERS, step.count, { dies: step.dies })
    if (step.kind === 'read') return this.#commit('west', ORDERS, step.by)
    if (step.kind === 'read-there') return this.#commit('east', REPLICA, step.by)
    if (step.kind === 'join') return this.#target.join(GROUP)
    if (step.kind === 'leave') return this.#target.leave(GROUP)
    return await this.#pass(step.joins ?? 0)
  }

  get #target() {
    return this.#world.clusters.east.groups
  }

  #commit(cluster: 'west' | 'east', partition: typeof ORDERS, by: number): void {
    const before = this.#world.position(cluster, GROUP, partition) ?? 0n
    const to = before + BigInt(by)
    this.#world.commit(cluster, GROUP, partition, to < 0n ? 0n : to)
  }

  async #pass(joins: number): Promise<void> {
    const before = this.#world.position('east', GROUP, REPLICA)
    const source = this.#world.position('west', GROUP, ORDERS) ?? 0n
    const stoodWherePut = this.#put !== undefined && before === this.#put
    await this.#world.pass('west-east', this.#deps(joins))
    if (stoodWherePut && this.#lookedIdle) this.#wentBack = false
    if (source < this.#seen) {
      this.#wentBack = true
      this.#put = undefined
    }
    const after = this.#world.position('east', GROUP, REPLICA)
    const lowered = before !== undefined && (after === undefined || after < before)
    if (lowered && !(this.#follows && this.#wentBack))
      this.#violated('I5', `the group stood at ${before}, and a pass put it at ${after}`)
    if (after !== before) this.#put = after
    this.#seen = source
  }

  /** A coordinator refuses what is asked for a live group, but that is the guard of last resort. */
  #deps(joins: number) {
    const deps = this.#world.depsOf('west-east')
    let calls = 0
    let looks = 0
    const isLive = (): boolean => this.#target.groups.get(GROUP)?.life === 'live'
    const join = (): void => {
      if (++calls === joins) this.#target.join(GROUP)
    }
    const around = async (method: string, _args: readonly unknown[], call: () => unknown): Promise<unknown> => {
      if (method === 'commit' && isLive()) this.#violated('I11', 'a pass would have moved a group that has members')
      if (method === 'list') join() // what comes after the last look is the coordinator's to refuse
      if (method === 'list' && looks++ === 0) this.#lookedIdle = !isLive()
      return await call()
    }
    const groups = intercepted(deps.memory.groups, async (_method, _args, call) => {
      join()
      return await call()
    })
    return { ...deps, target: intercepted(deps.target, around), memory: { ...deps.memory, groups } }
  }

  #violated(id: string, because: string): void {
    this.violations.set(id, [...(this.violations.get(id) ?? []), because])
  }
}

/** The invariants of published positions, I5 and I11, that do not hold in a history, with what contradicts them. */
export const violatedByPublishing = async (
  history: PublishingHistory,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const group = new PublishedGroup(history.followRewinds)
  for (const step of history.steps) await group.play(step)
  return group.violations
}
