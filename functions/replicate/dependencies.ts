import { connectLink } from '../../shared/adapters/link-connections.ts'
import type { ReplicateConfig } from '../../shared/config/replicate-config.ts'
import { replicaName } from '../../shared/domain/topics/topic-naming.ts'
import type { HandlerDeps } from './handler.ts'

/** A transaction ends with the append that it is for; what is left open longer than that was left by a dead one. */
const TRANSACTION_RESERVE_MS = 5_000
/** What brokers grant without being asked (`transaction.max.timeout.ms`). */
const LONGEST_TRANSACTION_MS = 900_000

const transactionTimeoutMs = ({ appendDeadlineMs }: ReplicateConfig['link']): number =>
  Math.min(appendDeadlineMs + TRANSACTION_RESERVE_MS, LONGEST_TRANSACTION_MS)

/** Everything but what tells people: the one place that knows how a configuration becomes adapters. */
export const dependenciesOf = (config: ReplicateConfig): Omit<HandlerDeps, 'report' | 'alarm'> & { close(): void } => {
  const { link } = config
  const { quarantine, ...connections } = connectLink(config)
  return {
    ...connections,
    transactions:
      link.delivery === 'exactly-once'
        ? connections.target.transactions({ link, timeoutMs: transactionTimeoutMs(link) })
        : undefined,
    quarantine: link.onPoison === 'quarantine' ? quarantine : undefined,
    clock: Date,
    targetTopic: (topic) => replicaName(link.replicaTemplate, topic),
    provenance: link.provenance,
    appendDeadlineMs: link.appendDeadlineMs,
  }
}
