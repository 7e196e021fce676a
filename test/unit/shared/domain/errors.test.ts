import { describe, expect, it } from 'vitest'
import { allAsOne, ReplicationError } from '../../../../shared/domain/errors.ts'

const failures = (...doing: readonly string[]) => doing.map((one) => new ReplicationError('STATE_THROTTLED', one))

describe('several failures as one', () => {
  it('are none without any, and one alone as it is', () => {
    const [one] = failures('reading')
    expect([allAsOne([], 'doing all'), one && allAsOne([one], 'doing all')]).toEqual([undefined, one])
  })

  it('tell what was being done and each of them, what is alike once', () => {
    const told = allAsOne(failures('reading a', 'reading b', 'reading a'), 'doing all')
    expect(told?.message).toMatch(/^STATE_THROTTLED: doing all: 3 failed: .*reading a.*reading b/)
    expect(told?.message.match(/reading a/g)).toHaveLength(1)
    expect(told?.cause).toHaveProperty('errors.length', 3)
  })

  it('have the code of one that does not pass by itself, wherever it stands', () => {
    const stays = new ReplicationError('STATE_MALFORMED', 'reading c')
    expect(allAsOne([...failures('reading a'), stays], 'doing all')?.code).toBe('STATE_MALFORMED')
  })

  it('fit into what a state machine takes, and name the codes of those that do not', () => {
    const many = Array.from({ length: 3_000 }, (_, at) => `reading ${at}: ${'long '.repeat(40)}`)
    const { message = '' } = allAsOne(failures(...many), 'doing all') ?? {}
    expect(message.length).toBeLessThan(32_000)
    expect(message).toContain('reading 49:')
    expect(message).toContain('; and 2950 more: STATE_THROTTLED')
  })

  it('fit into it also where few of them are long, and one alone is longer than that', () => {
    const long = (of: number) => Array.from({ length: 5 }, (_, at) => `reading ${at}: ${'x'.repeat(of)}`)
    const { message = '' } = allAsOne(failures(...long(8_000)), 'doing all') ?? {}
    expect(message.length).toBeLessThan(21_000)
    expect(message).toMatch(/reading 0:.*reading 1:.*; and 3 more: STATE_THROTTLED/)
    expect(message).not.toContain('reading 2:')
    const { message: cut = '' } = allAsOne(failures(...long(40_000)), 'doing all') ?? {}
    expect(cut.length).toBeLessThan(21_000)
    expect(cut).toMatch(/5 failed: STATE_THROTTLED: reading 0: x+…; and 4 more: STATE_THROTTLED/)
  })
})
