import { ReplicationError } from '../domain/errors.ts'
import { replicatorName } from '../domain/link-names.ts'
import type { Link } from '../domain/topology/topology.ts'
import { Fields } from './fields.ts'

/** Whose mappings are to be removed. */
export interface RemoveMappingsConfig {
  readonly installation: string
  /** Of the link. */
  readonly name: string
  readonly functionName: string
}

const VARIABLE = 'TWINSHORE_MAPPINGS'

export const removeMappingsEnvironment = (link: Link): Record<string, string> => {
  const { installation, name } = link
  return { [VARIABLE]: JSON.stringify({ installation, name, functionName: replicatorName(link) }) }
}

/** Throws `CONFIG_INVALID` that names every missing or bad field at once. */
export const parseRemoveMappingsConfig = (
  environment: Readonly<Record<string, string | undefined>>,
): RemoveMappingsConfig => {
  const problems: string[] = []
  const fields = new Fields(parsed(environment[VARIABLE]), VARIABLE, problems)
  const config = {
    installation: fields.text('installation'),
    name: fields.text('name'),
    functionName: fields.text('functionName'),
  }
  if (problems.length === 0) return config
  throw new ReplicationError('CONFIG_INVALID', `reading the environment of the function: ${problems.join('; ')}`)
}

const parsed = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
