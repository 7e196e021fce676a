import { userInfo } from 'node:os'
import { UsageError } from './usage-error.ts'

/** The name of the login. A container may run as a number that has none, which is known only when it is asked for. */
export const loginName = (): string => {
  try {
    return userInfo().username
  } catch (error) {
    throw new UsageError('who are you? Your login has no name on this machine: say it with --by NAME', { cause: error })
  }
}
