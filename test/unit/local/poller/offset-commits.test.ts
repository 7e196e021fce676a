import { describe, expect, it } from 'vitest'
import type { GroupAnswer } from '../../../../local/poller/group-member.ts'
import { OffsetCommits } from '../../../../local/poller/offset-commits.ts'
import type { Settled } from '../../../../local/poller/verdict.ts'

const at = (partition: number, offset: number): Settled[] => [{ partition, offset }]

/** A group that answers as told, and what it was sent. */
const groupThat = (answers: (GroupAnswer | Error)[]) => {
  const sent: Record<number, number>[] = []
  const acknowledged: Settled[] = []
  const problems: unknown[] = []
  const commits = new OffsetCommits({
    commit: async (offsets) => {
      sent.push(Object.fromEntries(offsets))
      const answer = answers.shift() ?? 'fine'
      if (answer instanceof Error) throw answer
      return answer
    },
    committed: (offsets) => acknowledged.push(...offsets),
    problem: (error) => problems.push(error),
  })
  return { commits, sent, acknowledged, problems }
}

describe('OffsetCommits', () => {
  it('sends nothing while the group is divided, and the newest offsets afterwards', async () => {
    const { commits, sent } = groupThat([])
    commits.add(at(0, 5))
    commits.add(at(0, 9))
    commits.add(at(1, 3))
    await commits.drained()
    expect(sent).toEqual([])
    commits.release()
    await commits.drained()
    expect(sent).toEqual([{ 0: 9, 1: 3 }])
  })

  it('sends one request at a time, and what came meanwhile in the next', async () => {
    const { commits, sent, acknowledged } = groupThat([])
    commits.release()
    commits.add(at(0, 1))
    commits.add(at(0, 2))
    commits.add(at(0, 3))
    await commits.drained()
    expect(sent).toEqual([{ 0: 1 }, { 0: 3 }])
    expect(acknowledged).toEqual([...at(0, 1), ...at(0, 3)])
  })

  it.each(['rebalancing', 'expelled'] as const)('keeps what was not taken when the group is %s', async (answer) => {
    const { commits, sent } = groupThat([answer])
    commits.release()
    commits.add(at(0, 4))
    commits.add(at(1, 7))
    await commits.drained()
    commits.forget(1)
    commits.release()
    await commits.drained()
    expect(sent).toEqual([{ 0: 4 }, { 0: 4 }])
  })

  it('tries again when the coordinator does not answer, and says so', async () => {
    const { commits, sent, problems } = groupThat([new Error('gone')])
    commits.release()
    commits.add(at(0, 4))
    await commits.drained()
    expect(sent).toEqual([{ 0: 4 }, { 0: 4 }])
    expect(problems).toHaveLength(1)
  })
})
