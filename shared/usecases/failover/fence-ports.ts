import type { ClientPointer } from '../../domain/failover/client-pointer.ts'
import type { FenceCause } from '../../domain/failover/fence-cause.ts'
import type { ProbeVerdict } from '../../domain/failover/probe-verdict.ts'
import type { Deadline } from '../ports.ts'
import type { FenceReport } from './fence-report.ts'

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

/** Tells clients which cluster is the active one. May be called again, and beside itself, and changes nothing more then. */
export interface ClientSwitch {
  /** For people. */
  readonly name: string
  /** `cause.to` is the active cluster from now on. Throws as a `Fence`. */
  point(cause: FenceCause, deadline: Deadline): Promise<FenceAnswer>
}

export interface StoredPointer {
  /** Goes up by one with every write, whoever writes. */
  readonly version: number
  /** Absent: what is there is no pointer. */
  readonly pointer?: ClientPointer
}

/** One place where clients look for a pointer. Throws `POINTER_UNREACHABLE`. */
export interface PointerPlace {
  /** For people, as in "/shop/active in us-east-2". */
  readonly name: string
  /** `undefined`: nobody has written one yet. `version`: that one instead of the newest. */
  read(deadline: Deadline, version?: number): Promise<StoredPointer | undefined>
  /** Whatever is there: no place that clients can follow knows conditions. Returns the version that it became. */
  write(pointer: ClientPointer, deadline: Deadline): Promise<number>
}

/** What a function of the user's own is asked to do; it is asked again whenever its answer is not known. */
export interface UserRequest extends Omit<FenceCause, 'startedAt'> {
  readonly action: 'fence' | 'prove' | 'lift' | 'switch'
}

/** `done: false`: not yet; it is asked again. */
export interface UserAnswer {
  readonly done: boolean
  /** For people. */
  readonly detail: string
  /** Nothing can be done while the region of the old active cluster is gone: an unplanned failover goes on, and asks later. */
  readonly gone?: boolean
}

/** Throws `FUNCTION_FAILED`, `FUNCTION_UNREACHABLE`, also when it takes too long, or `CONFIG_INVALID` when there is none. */
export interface UserFunction {
  readonly name: string
  ask(request: UserRequest, deadline: Deadline): Promise<UserAnswer>
}

/**
 * What the function of the fence does: `fence`, `prove` and `lift` for the cluster that is failed over from; `open` lifts the
 * fence that an earlier failover made on the other one; `switch` tells clients.
 */
export const FENCING_ACTIONS = ['fence', 'prove', 'lift', 'open', 'switch'] as const
export type FencingAction = (typeof FENCING_ACTIONS)[number]

/** The function that has the rights to fence, and no other does. Throws what a `Fence` throws, or `FUNCTION_…`. */
export interface Fencing {
  ask(action: FencingAction, cause: FenceCause, deadline: Deadline): Promise<FenceReport>
}
