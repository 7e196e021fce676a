import type { Naming } from './topology/topology.ts'

const TEMPLATES: Readonly<Record<'prefix' | 'identity', string>> = { prefix: '{source}.{topic}', identity: '{topic}' }

/** The name on the target, with `{topic}` in place of the name on the source. It carries its origin where `naming` says so. */
export const replicaTemplate = (naming: Naming, sourceCluster: string): string => {
  const template = naming === 'prefix' || naming === 'identity' ? TEMPLATES[naming] : naming
  return template.replaceAll('{source}', () => sourceCluster)
}

/** The name on the target of `topic`; `template` as `replicaTemplate` makes it. */
export const replicaName = (template: string, topic: string): string => template.replaceAll('{topic}', () => topic)
