import { describe, expect, it } from 'vitest'
import { failoverStates } from '../../../infra/constructs/failover-states.ts'
import type { StateMachineDefinition } from '../../../infra/constructs/state-language.ts'
import { BROKEN_MACHINES } from '../../support/broken-machines.ts'
import {
  type Course,
  FAULTY_COURSES,
  momentsOf,
  PLAIN_COURSES,
  stoppedAndOvertaken,
  stoppedAndRedriven,
} from '../../support/failover-sweep.ts'

const machine = failoverStates({ functionName: 'steps', tableName: 'table', approvalSeconds: 3_600 })
const moments = await momentsOf(machine)
const atEachMoment = (course: (moment: number) => Course) => Array.from({ length: moments }, (_, at) => course(at))

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

  it(`goes on to its end when it is stopped at any of ${moments} moments and taken up again`, async () => {
    expect(await wrongIn(atEachMoment(stoppedAndRedriven))).toEqual({})
  }, 60_000)

  it(`leaves a pair that others can take over, at any of ${moments} moments`, async () => {
    expect(await wrongIn(atEachMoment(stoppedAndOvertaken))).toEqual({})
  }, 60_000)
})

/** The first course on which something is wrong. */
const counterexample = async (broken: StateMachineDefinition): Promise<string | undefined> => {
  for (const { name, run } of [...PLAIN_COURSES, ...FAULTY_COURSES]) {
    const [first] = await run(broken)
    if (first !== undefined) return `${name}: ${first}`
  }
  return undefined
}

describe('a machine that somebody broke', () => {
  it.each(Object.entries(BROKEN_MACHINES))(
    'is found out: %s',
    async (_what, broken) => {
      const found = await counterexample(broken(machine))
      expect(found).toBeDefined()
    },
    60_000,
  )
})
