import { ReplicationError } from '../../shared/domain/errors.ts'
import { recordName, type StepRecord } from '../../shared/domain/failover/failover-step.ts'
import type { Question } from '../../shared/domain/failover/question.ts'
import type { FailoverReport } from '../../shared/domain/failover/report.ts'
import type { LinkStatus } from '../../shared/domain/head.ts'
import type { ExecutionLook, FailoverDesk, FailoverWish } from '../../shared/usecases/failover/desk-ports.ts'

/** One direction of a pair whose execution goes on by one scene whenever somebody looks. */
export class FakeFailoverDesk implements FailoverDesk {
  readonly executions = new Map<string, FailoverWish>()
  readonly answers: unknown[] = []
  readonly records = new Map<string, StepRecord>()
  /** What happens, one after the other, until a question stays open. */
  scenes: (() => void)[] = []
  looked: ExecutionLook = { kind: 'running' }
  open: Question | undefined
  /** What the tables say, and whether they and the machine answer. */
  linkStatus: LinkStatus = { mode: 'forwarding', role: 'standby', epoch: 0 }
  reachable = true
  /** So many looks fail. */
  silent = 0
  answerIs: 'answered' | 'late' = 'answered'
  kept = new Map<string, FailoverReport>()
  closed = 0
  startedAt = 0

  readonly machine: FailoverDesk['machine'] = {
    start: async (name, wish) => {
      this.#reach()
      this.executions.set(name, wish)
    },
    newest: async () => {
      this.#reach()
      const name = [...this.executions.keys()].at(-1)
      return name === undefined
        ? undefined
        : { name, running: this.looked.kind === 'running', startedAt: this.startedAt }
    },
    look: async (name) => {
      this.#reach()
      if (!this.executions.has(name)) return undefined
      if (this.silent > 0) {
        this.silent--
        throw new ReplicationError('MACHINE_UNREACHABLE', 'looking: nobody answers')
      }
      if (this.open === undefined) this.scenes.shift()?.()
      return this.looked
    },
    answer: async (token, answer) => this.#answered({ token, ...answer }),
    refuse: async (token, refusal) => this.#answered({ token, ...refusal }),
  }

  readonly ledger = { steps: async () => new Map(this.records) }
  readonly questions = { question: async () => this.open }

  async status(): Promise<LinkStatus> {
    this.#reach()
    return this.linkStatus
  }

  async report(place: string): Promise<FailoverReport> {
    const found = this.kept.get(place)
    if (found === undefined) throw new ReplicationError('REPORT_UNREACHABLE', `reading ${place}: there is none`)
    return found
  }

  close(): void {
    this.closed++
  }

  remember(record: StepRecord): void {
    this.records.set(recordName(record), record)
  }

  #answered(answer: unknown): 'answered' | 'late' {
    this.answers.push(answer)
    this.open = undefined
    return this.answerIs
  }

  #reach(): void {
    if (!this.reachable) throw new ReplicationError('MACHINE_UNREACHABLE', 'asking its region: nobody answers')
  }
}
