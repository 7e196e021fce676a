import { describe, expect, it } from 'vitest'
import { probeVerdict, strictest } from '../../../../../shared/domain/failover/probe-verdict.ts'

const kind = (error: number): string => probeVerdict(1, error).kind

describe('what a broker says to a batch that it cannot append', () => {
  it('proves a fence by one answer alone', () => {
    const numbers = Array.from({ length: 150 }, (_, at) => at - 1)
    expect(numbers.filter((error) => kind(error) === 'refused')).toEqual([29])
  })

  it.each([
    ['CORRUPT_MESSAGE', 2],
    ['a partition that it does not lead', 6],
    ['a topic that there is none of', 3],
    ['too few replicas', 19],
    ['INVALID_RECORD', 87],
    ['that it has appended it', 0],
    ['something that nobody knows', 140],
  ])('means that the writer may write when it is %s', (_what, error) => {
    expect(kind(error)).toBe('may-write')
  })

  it.each([-1, 7, 13, 35, 42, 89])('is unclear when it is number %i', (error) => expect(kind(error)).toBe('unclear'))

  it('is as good as the worst of all brokers', () => {
    const refused = { kind: 'refused' } as const
    const unclear = { kind: 'unclear', because: 'no answer' } as const
    const mayWrite = { kind: 'may-write', said: 'NONE' } as const
    expect(strictest([refused, refused])).toEqual(refused)
    expect(strictest([refused, unclear])).toEqual(unclear)
    expect(strictest([unclear, mayWrite, refused])).toEqual(mayWrite)
    expect(strictest([])).toMatchObject({ kind: 'unclear' })
  })
})
