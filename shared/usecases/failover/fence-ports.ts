import type { ProbeVerdict } from '../../domain/failover/probe-verdict.ts'
import type { Deadline } from '../ports.ts'

/** What a fence belongs to: which failover, and who shall not be written to. Clusters by their names in the topology. */
export interface FenceCause {
  readonly pair: string
  readonly from: string
  readonly to: string
  readonly epoch: number
  readonly execution: string
}

/** `again`: not yet; `refused`: not without an operator. `weaker`: what this kind of proof does not show, for people. */
export interface FenceAnswer {
  readonly outcome: 'done' | 'again' | 'refused'
  readonly message: string
  readonly weaker?: string
}

/**
 * What keeps applications from writing to a cluster. Each call may be made again, and beside itself, and changes nothing
 * more then. Throws a `ReplicationError` when something could not be found out or done.
 */
export interface Fence {
  /** For people. */
  readonly name: string
  apply(cause: FenceCause, deadline: Deadline): Promise<FenceAnswer>
  /** `topics`: what must not be written to, at least. */
  prove(cause: FenceCause, topics: readonly string[], deadline: Deadline): Promise<FenceAnswer>
  /** Takes away what `apply` made, and nothing that somebody else did. */
  lift(cause: FenceCause, deadline: Deadline): Promise<FenceAnswer>
}

/** Tries to write with the rights of an application; whatever becomes of it, nothing is ever appended. */
export interface WriteProbe {
  /** Whom the cluster takes the login for, as far as that can be told without asking it. Throws `LOGIN_REFUSED`. */
  principal(): Promise<string>
  /**
   * By topic: the word of all brokers, since each of them may come to lead it. Throws `SOURCE_UNREACHABLE`, `LOGIN_REFUSED`
   * or `CONFIG_INVALID` when no broker can be asked.
   */
  ask(topics: readonly string[], deadline: Deadline): Promise<ReadonlyMap<string, ProbeVerdict>>
}
