import { describe, expect, it } from 'vitest'
import {
  activeSide,
  nextEpoch,
  promoted,
  reversed,
  stoodDown,
} from '../../../../../shared/domain/failover/pair-roles.ts'
import type { LinkStatus } from '../../../../../shared/domain/head.ts'

const status = (role: LinkStatus['role'], epoch: number, mode: LinkStatus['mode'] = 'forwarding'): LinkStatus => ({
  mode,
  role,
  epoch,
})

describe('the active side', () => {
  it.each<readonly [string, LinkStatus, LinkStatus | undefined, 'from' | 'to', 'from' | 'to']>([
    ['as deployed, with names that are kept', status('standby', 0), status('active', 0, 'stopped'), 'from', 'from'],
    ['as deployed, where both links forward', status('standby', 0), status('standby', 0), 'from', 'from'],
    ['as deployed, where the other one is', status('standby', 0), status('standby', 0), 'to', 'to'],
    ['promoted, and the other side knows', status('active', 1, 'stopped'), status('standby', 1), 'from', 'to'],
    ['promoted, and the other side does not know yet', status('active', 1), status('active', 0), 'from', 'to'],
    ['failed back, and this side does not know yet', status('active', 1), status('active', 2), 'from', 'from'],
    ['failed back', status('standby', 2), status('active', 2), 'to', 'from'],
    ['promoted without a link back', status('active', 3), undefined, 'from', 'to'],
    ['standby, and the other side is silent', status('standby', 2), undefined, 'to', 'from'],
  ])('is the right one: %s', (_what, forward, reverse, initially, expected) => {
    expect(activeSide({ forward, ...(reverse && { reverse }) }, initially)).toBe(expected)
  })
})

describe('standing down', () => {
  it('happens when the other side was promoted in a later epoch, and changes nothing else', () => {
    expect(stoodDown(status('active', 1, 'stopped'), promoted(2))).toEqual(status('standby', 2, 'stopped'))
    expect(stoodDown(status('standby', 1), promoted(2))).toEqual(status('standby', 2))
  })

  it.each<readonly [string, LinkStatus, LinkStatus | undefined]>([
    ['the same epoch', status('active', 2), promoted(2)],
    ['an earlier one', status('active', 2), promoted(1)],
    ['a later one without a promotion', status('active', 1), reversed(2)],
    ['silence', status('active', 1), undefined],
  ])('does not happen for %s', (_what, own, other) => {
    expect(stoodDown(own, other)).toBeUndefined()
  })
})

describe('the epoch to promote with', () => {
  it('is one above every promotion', () => {
    expect(nextEpoch({ forward: status('standby', 4), reverse: status('active', 5) })).toBe(6)
    expect(nextEpoch({ forward: status('standby', 4) })).toBe(5)
  })

  it('is above what somebody may have been promoted with who cannot be asked', () => {
    expect(nextEpoch({ forward: status('standby', 4) }, 7)).toBe(8)
  })
})
