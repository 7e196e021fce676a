/** `acting`: whatever its steps do. `closing`: it only puts back what was changed; a step that comes late changes nothing. */
export type LockPhase = 'acting' | 'closing'

/** Who may change the pair. */
export interface LockHolder {
  /** The ARN of an execution. */
  readonly by: string
  /** A drill changes nothing, and gives way to whoever does. */
  readonly purpose: 'failover' | 'drill'
  readonly phase: LockPhase
  /** Milliseconds since 1970. */
  readonly since: number
}

/** The lock of a pair as one of its two tables has it. */
export interface PairLock {
  /** Absent: nobody has it. */
  readonly holder?: LockHolder
  /** The highest epoch that somebody who had it was to promote with; 0: nobody ever was. */
  readonly reserved: number
}
