import { ReplicationError } from '../domain/errors.ts'
import { LIMITS } from '../domain/topology/topology-limits.ts'

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8')

/** What Lambda counts: names and values of all variables. */
export const environmentBytes = (environment: Readonly<Record<string, string>>): number =>
  Object.entries(environment).reduce((total, [name, value]) => total + bytes(name) + bytes(value), 0)

/** Throws `CONFIG_INVALID` before CloudFormation would, in the middle of a deploy. */
export const refuseLargeEnvironment = (environment: Readonly<Record<string, string>>, of: string): void => {
  const size = environmentBytes(environment)
  if (size <= LIMITS.environment.max) return
  const doing = `writing the environment of ${of}: ${size} bytes, and Lambda takes ${LIMITS.environment.max}; name fewer bootstrap servers, three of each cluster are enough`
  throw new ReplicationError('CONFIG_INVALID', doing)
}
