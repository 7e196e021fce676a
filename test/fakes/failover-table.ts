import { isDeepStrictEqual } from 'node:util'
import { packPoints, type TopicBoundary, unpackPoints } from '../../shared/domain/failover/boundary.ts'
import { recordName, type StepRecord } from '../../shared/domain/failover/failover-step.ts'
import type { GivenUp, GivenUpScope } from '../../shared/domain/failover/given-up.ts'
import type { LockHolder, LockPhase, PairLock } from '../../shared/domain/failover/pair-lock.ts'
import { DEBTS, type Debt, type PendingDebts } from '../../shared/domain/failover/pending-debts.ts'
import type { Question } from '../../shared/domain/failover/question.ts'
import type { LinkStatus } from '../../shared/domain/head.ts'
import type {
  BoundaryLedger,
  LockClaim,
  PairSnapshot,
  PairState,
  PendingLedger,
  QuestionLedger,
  RememberedStep,
  RoleChange,
  StepLedger,
} from '../../shared/usecases/failover/failover-ports.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'

interface StoredTopic extends Omit<TopicBoundary, 'points'> {
  readonly packed: Uint8Array
}

/** What the table of one link keeps of failovers, in memory. The contract suite runs on it and on DynamoDB. */
export class FakeFailoverTable implements PairState, StepLedger, PendingLedger, BoundaryLedger, QuestionLedger {
  readonly executions = new Map<string, Map<string, StepRecord>>()
  lock: PairLock = { reserved: 0 }
  debts: PendingDebts | undefined
  readonly #link: { status: LinkStatus }
  readonly #decisions = new Map<string, GivenUp>()
  readonly #questions = new Map<string, Question>()
  readonly #boundaries = new Map<string, Map<string, StoredTopic>>()

  /** `link`: whose status it is. */
  constructor(link: { status: LinkStatus }) {
    this.#link = link
  }

  get status(): LinkStatus {
    return this.#link.status
  }

  async read(): Promise<PairSnapshot> {
    return { status: this.#link.status, lock: this.lock }
  }

  async acquire({ holder, epoch, from }: LockClaim): Promise<'acquired' | 'moved'> {
    const now = this.lock.holder
    if (now !== undefined && isSameHolder(now, holder)) return this.#keep(now, epoch)
    if (now?.by !== from.holder?.by || now?.phase !== from.holder?.phase) return 'moved'
    return this.#keep(holder, epoch)
  }

  async close(by: string): Promise<'closing' | 'not-held'> {
    const { holder } = this.lock
    if (holder?.by !== by) return 'not-held'
    this.lock = { ...this.lock, holder: { ...holder, phase: 'closing' } }
    return 'closing'
  }

  async release(by: string, _deadline?: Deadline, reserved = this.lock.reserved): Promise<void> {
    if (this.lock.holder?.by === by) this.lock = { reserved }
  }

  async setStatus(
    { by, phase }: { readonly by: string; readonly phase: LockPhase },
    from: LinkStatus,
    to: LinkStatus,
  ): Promise<RoleChange> {
    const { holder } = this.lock
    if (holder?.by !== by || holder.phase !== phase) return 'not-held'
    if (![from, to].some((status) => isDeepStrictEqual(status, this.#link.status))) return 'moved'
    this.#link.status = to
    return 'changed'
  }

  async standDown(from: LinkStatus, to: LinkStatus): Promise<'changed' | 'moved'> {
    if (to.role !== 'standby' || to.epoch <= from.epoch) return 'moved'
    if (![from, to].some((status) => isDeepStrictEqual(status, this.#link.status))) return 'moved'
    this.#link.status = to
    return 'changed'
  }

  async steps(execution: string): Promise<ReadonlyMap<string, StepRecord>> {
    return new Map(this.executions.get(execution))
  }

  async remember(execution: string, remembered: RememberedStep): Promise<'remembered' | 'kept'> {
    const records = this.executions.get(execution) ?? new Map<string, StepRecord>()
    const known = records.get(recordName(remembered))
    const record: StepRecord = { ...remembered, data: remembered.data ?? known?.data ?? {} }
    if (known?.outcome === 'done') return isDeepStrictEqual(known, record) ? 'remembered' : 'kept'
    this.executions.set(execution, records.set(recordName(record), structuredClone(record)))
    return 'remembered'
  }

  async pending(): Promise<PendingDebts | undefined> {
    return this.debts
  }

  async owe(by: string, debts: PendingDebts): Promise<'owed' | 'other' | 'not-held'> {
    const { holder } = this.lock
    if (holder?.by !== by || holder.phase !== 'acting') return 'not-held'
    if (this.debts !== undefined && this.debts.execution !== debts.execution) return 'other'
    const owed = new Set([...(this.debts?.owed ?? []), ...debts.owed])
    this.debts = { ...(this.debts ?? debts), owed: DEBTS.filter((debt) => owed.has(debt)) }
    return 'owed'
  }

  async settle(execution: string, debt: Debt): Promise<void> {
    if (this.debts?.execution !== execution) return
    const owed = this.debts.owed.filter((other) => other !== debt)
    this.debts = owed.length === 0 ? undefined : { ...this.debts, owed }
  }

  async giveUp(execution: string, decision: GivenUp): Promise<'given-up' | 'given-up-before'> {
    const key = `${execution} ${decision.what}`
    const known = this.#decisions.get(key) ?? decision
    this.#decisions.set(key, known)
    return isDeepStrictEqual(known, decision) ? 'given-up' : 'given-up-before'
  }

  async givenUp(execution: string, what: GivenUpScope): Promise<GivenUp | undefined> {
    return this.#decisions.get(`${execution} ${what}`)
  }

  async record(execution: string, topic: TopicBoundary): Promise<'recorded' | 'kept' | 'closed'> {
    const topics = this.#boundaries.get(execution) ?? new Map<string, StoredTopic>()
    if (topics.has(topic.topic)) return 'kept'
    if (this.executions.get(execution)?.get('boundary')?.outcome === 'done') return 'closed'
    const { points, ...rest } = topic
    this.#boundaries.set(execution, topics.set(topic.topic, { ...rest, packed: packPoints(points) }))
    return 'recorded'
  }

  async topics(execution: string): Promise<readonly TopicBoundary[]> {
    const stored = [...(this.#boundaries.get(execution)?.values() ?? [])]
    return stored.map(({ packed, ...rest }) => ({ ...rest, points: unpackPoints(packed) })).sort(byTopic)
  }

  async ask(execution: string, question: Question): Promise<void> {
    const known = await this.question(execution, question.kind)
    if (known === undefined || known.askedAt <= question.askedAt)
      this.#questions.set(`${execution} ${question.kind}`, question)
  }

  async question(execution: string, kind: Question['kind']): Promise<Question | undefined> {
    return this.#questions.get(`${execution} ${kind}`)
  }

  #keep(holder: LockHolder, epoch: number): 'acquired' {
    this.lock = { holder, reserved: Math.max(epoch, this.lock.reserved) }
    return 'acquired'
  }
}

const isSameHolder = (one: LockHolder, other: LockHolder): boolean => one.by === other.by && one.phase === other.phase

const byTopic = ({ topic: one }: TopicBoundary, { topic: other }: TopicBoundary): number => (one < other ? -1 : 1)
