import { describe, expect, it } from 'vitest'
import {
  type AppendAnswer,
  isAcknowledged,
  judgeAnswer,
  leavesDoubt,
} from '../../../../shared/domain/append-verdict.ts'

const answered = (error: number, own: Partial<AppendAnswer & { kind: 'answered' }> = {}): AppendAnswer => ({
  kind: 'answered',
  error,
  baseOffset: error === 0 ? 7n : -1n,
  message: undefined,
  recordIndex: undefined,
  ...own,
})

const lost = (own: Partial<AppendAnswer & { kind: 'lost' }> = {}): AppendAnswer => ({
  kind: 'lost',
  sent: true,
  code: 'TARGET_UNREACHABLE',
  because: 'gone',
  ...own,
})

describe('the answer to an append', () => {
  it.each([
    ['an acknowledged offset', answered(0), 'placed', false],
    ['success without an offset', answered(0, { baseOffset: -1n }), 'stop', true],
    ['a request that may have been sent', lost(), 'send-again', true],
    ['a request that was never sent', lost({ sent: false }), 'send-again', false],
    ['a login that was refused', lost({ sent: false, code: 'LOGIN_REFUSED' }), 'stop', false],
    ['UNKNOWN_TOPIC_OR_PARTITION', answered(3), 'send-again', true],
    ['NOT_LEADER_OR_FOLLOWER', answered(6), 'send-again', true],
    ['REQUEST_TIMED_OUT', answered(7), 'send-again', true],
    ['NOT_ENOUGH_REPLICAS', answered(19), 'send-again', false],
    ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', answered(20), 'send-again', true],
    ['KAFKA_STORAGE_ERROR', answered(56), 'send-again', true],
    ['MESSAGE_TOO_LARGE', answered(10), 'cut', false],
    ['INVALID_TIMESTAMP', answered(32), 'cut', false],
    ['POLICY_VIOLATION', answered(44), 'cut', false],
    ['INVALID_RECORD', answered(87), 'cut', false],
    ['TOPIC_AUTHORIZATION_FAILED', answered(29), 'stop', false],
    ['UNSUPPORTED_COMPRESSION_TYPE', answered(76), 'stop', false],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', answered(45), 'stop', true],
    ['DUPLICATE_SEQUENCE_NUMBER', answered(46), 'stop', true],
    ['INVALID_PRODUCER_EPOCH', answered(47), 'stop', true],
    ['UNKNOWN_PRODUCER_ID', answered(59), 'stop', true],
    ['UNKNOWN_SERVER_ERROR', answered(-1), 'stop', true],
    ['an error that is newer than this code', answered(999), 'stop', true],
  ])('%s', (_name, answer, kind, doubt) => {
    expect(judgeAnswer(answer, false).kind).toBe(kind)
    expect(leavesDoubt(answer, false)).toBe(doubt)
    expect(isAcknowledged(answer)).toBe(kind === 'placed')
  })

  it.each([
    ['TARGET_DENIED', 29],
    ['TARGET_DENIED', 31],
    ['TARGET_TOPIC_UNKNOWN', 17],
    ['TARGET_NOT_ENOUGH_REPLICAS', 19],
    ['TARGET_UNREACHABLE', 6],
    ['CONFIG_INVALID', 76],
    ['APPEND_OUTCOME_UNKNOWN', 45],
    ['APPEND_OUTCOME_UNKNOWN', 999],
  ])('tells an operator %s for Kafka error %d', (code, error) => {
    expect(judgeAnswer(answered(error), false)).toMatchObject({ code })
  })

  it.each([10, 29, 32, 76, 87])('tells nothing after a try in doubt: Kafka error %d', (error) => {
    const verdict = judgeAnswer(answered(error), true)
    expect(verdict).toMatchObject({ kind: 'stop', code: 'APPEND_OUTCOME_UNKNOWN' })
  })

  it('places and repeats after a try in doubt as before it', () => {
    expect(judgeAnswer(answered(0), true)).toEqual({ kind: 'placed', target: 7n })
    expect(judgeAnswer(lost(), true).kind).toBe('send-again')
  })

  it('is a plain refusal when a sequence is out of order behind a batch without a place', () => {
    expect(leavesDoubt(answered(45), true)).toBe(false)
    expect(leavesDoubt(answered(47), true)).toBe(true)
  })

  it('keeps the word and the finger of the broker', () => {
    const answer = answered(87, { message: 'no key', recordIndex: 4 })
    expect(judgeAnswer(answer, false)).toMatchObject({ because: 'INVALID_RECORD, no key', recordIndex: 4, error: 87 })
  })
})
