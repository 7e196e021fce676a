import { describe, expect, it } from 'vitest'
import { failoverStates } from '../../../infra/constructs/failover-states.ts'
import { type Course, FAULTY_COURSES, PLAIN_COURSES } from '../../support/failover-sweep.ts'

const machine = failoverStates({ functionName: 'steps', approvalSeconds: 3_600 })

const wrongIn = async (courses: readonly Course[]): Promise<Readonly<Record<string, readonly string[]>>> => {
  const wrong: Record<string, readonly string[]> = {}
  for (const { name, run } of courses) {
    const found = await run(machine)
    if (found.length > 0) wrong[name] = found
  }
  return wrong
}

describe('the machine', () => {
  it.each(PLAIN_COURSES)('ends as it should: $name', async ({ run }) => {
    expect(await run(machine)).toEqual([])
  })
  it(`ends done, rolled back or held on ${FAULTY_COURSES.length} courses with faults`, async () => {
    expect(await wrongIn(FAULTY_COURSES)).toEqual({})
  }, 120_000)
})
