import { connectLink } from '../../shared/adapters/link-connections.ts'
import type { ReplicateConfig } from '../../shared/config/replicate-config.ts'
import { replicaName } from '../../shared/domain/topic-naming.ts'
import type { HandlerDeps } from './handler.ts'

/** Everything but what tells people: the one place that knows how a configuration becomes adapters. */
export const dependenciesOf = (config: ReplicateConfig): Omit<HandlerDeps, 'report' | 'alarm'> & { close(): void } => {
  const { link } = config
  const { quarantine, ...connections } = connectLink(config)
  return {
    ...connections,
    quarantine: link.onPoison === 'quarantine' ? quarantine : undefined,
    clock: Date,
    targetTopic: (topic) => replicaName(link.replicaTemplate, topic),
    provenance: link.provenance,
    appendDeadlineMs: link.appendDeadlineMs,
  }
}
