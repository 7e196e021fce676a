import { describe, expect, it } from 'vitest'
import { environmentBytes, refuseLargeEnvironment } from '../../../../shared/config/environment-size.ts'

describe('the size of an environment', () => {
  it('counts names and values in bytes', () => {
    expect(environmentBytes({ AB: 'xyz', C: 'é' })).toBe(8)
  })

  it('may be what Lambda takes, and not one byte more', () => {
    expect(() => refuseLargeEnvironment({ A: 'x'.repeat(4_095) }, 'a link')).not.toThrow()
    expect(() => refuseLargeEnvironment({ A: 'x'.repeat(4_096) }, 'a link')).toThrow('4097 bytes')
  })
})
