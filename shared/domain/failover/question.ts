/** What an execution asks an operator, and waits for the answer: whether it may go on, or how it shall. */
export interface Question {
  readonly kind: 'approve' | 'hold'
  /** Whoever has it answers the state machine. */
  readonly token: string
  /** Of `approve`: the hash of the preflight report that is to be read. */
  readonly hash?: string
  /** Of `hold`: which step did not go on, and why. */
  readonly because?: string
  /** Milliseconds since 1970. */
  readonly askedAt: number
  readonly expiresAt: number
}
