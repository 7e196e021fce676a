import { asReplicationError } from '../../domain/errors.ts'
import type { Told } from '../../domain/failover/preflight-facts.ts'

/** The answer, or why there is none. `doing`: as in "reading the roles". */
export const told = async <T>(doing: string, asking: Promise<T>): Promise<Told<T>> => {
  try {
    return { kind: 'told', value: await asking }
  } catch (error) {
    return { kind: 'untold', because: asReplicationError(error, doing).message }
  }
}
