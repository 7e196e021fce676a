import { describe, expect, it } from 'vitest'
import { answerWithin } from '../../../../local/poller/kafka-answer.ts'

describe('an answer of a broker', () => {
  it('is waited for, and no longer than that', async () => {
    expect(await answerWithin(Promise.resolve('there'), 10_000)).toBe('there')
    await expect(answerWithin(Promise.reject(new Error('refused')), 10_000)).rejects.toThrow('refused')
    await expect(answerWithin(new Promise(() => undefined), 5)).rejects.toThrow('no answer within 0.005 s')
  })
})
