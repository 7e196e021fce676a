import type { QuotaFacts } from '../../shared/domain/access/access-facts.ts'
import {
  type ClientQuota,
  type QuotaChange,
  quotaText,
  type UnheldQuota,
} from '../../shared/domain/access/client-quota.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { PerRight, QuotaAdmin } from '../../shared/usecases/access/access-ports.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'

/** The client quotas of one cluster in memory. The contract suite runs on it and on real brokers. */
export class FakeQuotaAdmin implements QuotaAdmin {
  readonly changes: QuotaChange[] = []
  unheld: readonly UnheldQuota[] = []
  readonly #quotas = new Map<string, ClientQuota>()
  readonly #side: 'SOURCE' | 'TARGET'

  constructor(side: 'source' | 'target') {
    this.#side = side === 'source' ? 'SOURCE' : 'TARGET'
  }

  get quotas(): readonly ClientQuota[] {
    return [...this.#quotas.values()].sort((one, other) => (quotaText(one) < quotaText(other) ? -1 : 1))
  }

  /** As somebody else does it. */
  put(...quotas: readonly ClientQuota[]): void {
    for (const quota of quotas) this.#quotas.set(quotaText(quota), quota)
  }

  take(quota: ClientQuota): void {
    this.#quotas.delete(quotaText(quota))
  }

  async list(deadline: Deadline): Promise<QuotaFacts> {
    this.#reach(deadline)
    return { quotas: this.quotas, unheld: this.unheld }
  }

  async alter(changes: readonly QuotaChange[], deadline: Deadline): Promise<PerRight> {
    this.#reach(deadline)
    for (const { value, ...quota } of changes) {
      this.changes.push(value === undefined ? quota : { ...quota, value })
      if (value === undefined) this.#quotas.delete(quotaText(quota))
      else this.put({ ...quota, value })
    }
    return new Map(changes.map((change) => [quotaText(change), 'done']))
  }

  #reach({ signal }: Deadline): void {
    if (signal.aborted) throw new ReplicationError(`${this.#side}_UNREACHABLE`, 'asking for quotas: nobody answers')
  }
}
