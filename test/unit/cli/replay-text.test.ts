import { describe, expect, it } from 'vitest'
import { describeReplays, isWell, replaysInJson } from '../../../cli/replay-text.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import type { Replay, ReplayReport } from '../../../shared/usecases/replication/quarantined-records.ts'

const record = { topic: 'orders', partition: 0, source: 2n, reason: 'too large' }
const error = new ReplicationError('STATE_MALFORMED', 'reading the head')
const trouble = { topic: 'orders', partition: 1, error }
const report = (replays: readonly Replay[], troubles: ReplayReport['troubles'] = []): ReplayReport => ({
  replays,
  troubles,
})

describe('what a replay tells', () => {
  it.each<[Replay, string, boolean]>([
    [{ ...record, kind: 'waiting' }, 'waiting', true],
    [{ ...record, kind: 'replayed', target: 4n }, 'replayed at target offset 4 ', true],
    [
      { ...record, kind: 'forgotten', target: 4n },
      'replayed at target offset 4; its entry in the ledger ran out',
      true,
    ],
    [{ ...record, kind: 'replicated', target: 4n }, 'replicated in the meantime, at target offset 4', true],
    [{ ...record, kind: 'replayed-before', at: 0 }, 'replayed before, 1970-01-01T00:00:00.000Z', true],
    [{ ...record, kind: 'failed', error }, 'failed: STATE_MALFORMED: reading the head', false],
  ])('is one line for each record, and whether it is well: %o', (replay, told, well) => {
    const [, line, ...more] = describeReplays(report([replay])).split('\n')
    expect(more).toEqual([])
    expect(line).toMatch(/^orders +0 +2 /)
    expect(line).toContain(told)
    expect(isWell(report([replay]))).toBe(well)
  })

  it('has a line for a partition that was not looked through, and is not well', () => {
    const replays = [{ ...record, kind: 'replayed', target: 4n }] as const
    const lines = describeReplays(report(replays, [trouble])).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[2]).toMatch(/^orders +1 +failed, not looked through to its end: STATE_MALFORMED/)
    expect(describeReplays(report([], [trouble]))).toContain('STATE_MALFORMED')
    expect(isWell(report(replays, [trouble]))).toBe(false)
  })

  it('says so when nothing is in quarantine', () => {
    expect(describeReplays(report([]))).toBe('no quarantined records')
    expect(isWell(report([]))).toBe(true)
  })

  it('is a list in JSON, in which errors have a code and a message', () => {
    const [failed, untold] = JSON.parse(replaysInJson(report([{ ...record, kind: 'failed', error }], [trouble])))
    const told = { code: 'STATE_MALFORMED', message: error.message }
    expect(failed).toEqual({ ...record, source: '2', kind: 'failed', error: told })
    expect(untold).toEqual({ topic: 'orders', partition: 1, kind: 'failed', error: told })
  })
})
