import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { vi } from 'vitest'

/** As in a container that runs as a number which its passwd does not name. */
export const loseLoginName = (): void => {
  vi.spyOn(os, 'userInfo').mockImplementation(() => {
    throw Object.assign(new Error('A system error occurred: uv_os_get_passwd returned ENOENT'), {
      code: 'ERR_SYSTEM_ERROR',
    })
  })
  syncBuiltinESMExports()
}

export const restoreLoginName = (): void => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
}
