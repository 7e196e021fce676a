import type { Naming } from '../topology/topology.ts'

const TEMPLATES: Readonly<Record<'prefix' | 'identity', string>> = { prefix: '{source}.{topic}', identity: '{topic}' }

const written = (naming: Naming): string => (naming === 'prefix' || naming === 'identity' ? TEMPLATES[naming] : naming)

/** The name on the target, with `{topic}` in place of the name on the source. It carries its origin where `naming` says so. */
export const replicaTemplate = (naming: Naming, sourceCluster: string): string =>
  written(naming).replaceAll('{source}', () => sourceCluster)

/** The name on the target of `topic`; `template` as `replicaTemplate` makes it. */
export const replicaName = (template: string, topic: string): string => template.replaceAll('{topic}', () => topic)

/** The name on the source of what is called `replica` on the target; absent where no topic of the source would be called so. */
export const sourceName = (template: string, replica: string): string | undefined => {
  const [before = '', ...others] = template.split('{topic}')
  const around = before.length + others.reduce((total, { length }) => total + length, 0)
  const topic = replica.slice(before.length, before.length + (replica.length - around) / others.length)
  return topic !== '' && replicaName(template, topic) === replica ? topic : undefined
}

export const keepsName = (naming: Naming): boolean => written(naming) === TEMPLATES.identity

/** Whether a name tells which cluster it comes from, so that names alone show a way back. */
export const carriesOrigin = (naming: Naming): boolean => written(naming).includes('{source}')
