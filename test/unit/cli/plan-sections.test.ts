import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Invoke } from '../../../cli/asking.ts'
import { runApply, runPlan } from '../../../cli/plan.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import type { AccessReport } from '../../../shared/usecases/access/access-report.ts'
import type { GroupPassReport } from '../../../shared/usecases/groups/group-report.ts'
import type { PassReport } from '../../../shared/usecases/topics/pass-report.ts'

const topics: PassReport = { steps: [], notes: [], leftOut: [], troubles: [], faulted: [] }
const groups: GroupPassReport = {
  ...{ compared: 2, groupsMoved: 0, positionsMoved: 0, live: 0 },
  ...{ groups: [], leftOut: [], troubles: [], faulted: [] },
}
const access: AccessReport = {
  ...{ role: 'standby', granted: [], revoked: [], quotas: [], held: [], alreadyThere: [], inStep: 7 },
  ...{ leftOut: [], notCopyable: [], troubles: [], faulted: [] },
}
const REPORTS: Readonly<Record<string, unknown>> = { topics, groups, access }

const WORLD = {
  clusters: {
    west: { region: 'us-west-2', bootstrapServers: ['127.0.0.1:1'] },
    east: { region: 'eu-west-1', bootstrapServers: ['127.0.0.1:2'] },
  },
  links: [
    { source: 'west', target: 'east', topics: ['orders'], access: { principals: { 'User:a': 'User:a' } } },
    { name: 'groups-only', source: 'west', target: 'east', topics: ['other'], syncTopics: false },
    { name: 'still', source: 'west', target: 'east', topics: ['third'], syncTopics: false, syncGroups: false },
  ],
}

beforeAll(() => void vi.stubEnv('TWINSHORE_LOCAL', JSON.stringify(WORLD)))
afterAll(() => void vi.unstubAllEnvs())

const results: string[] = []
const notes: string[] = []
const terminal = { result: (text: string) => void results.push(text), note: (text: string) => void notes.push(text) }
let asked: (readonly [string, object])[]

beforeEach(() => {
  results.length = 0
  notes.length = 0
  asked = []
})
afterEach(() => void vi.useRealTimers())

const sectionOf = (name: string): string => name.split('-sync-')[1] ?? ''

/** Functions that answer with a quiet report, but for those that are told otherwise. */
const answering =
  (others: Readonly<Record<string, () => unknown>> = {}): Invoke =>
  async ({ name }, event) => {
    asked.push([name, event])
    const section = sectionOf(name)
    return (others[section] ?? (() => REPORTS[section]))()
  }

const refused = new ReplicationError('FUNCTION_UNREACHABLE', 'invoking the function sync-groups')
const refusing = () => {
  throw refused
}

describe.each([
  ['plan', runPlan],
  ['apply', runApply],
] as const)('twinshore %s', (mode, run) => {
  it('asks the functions of all that follows, side by side, each in the same way', async () => {
    const beside = answering()
    const untilAllAreAsked: Invoke = async (...call) => {
      const answer = await beside(...call)
      await vi.waitFor(() => expect(asked).toHaveLength(3))
      return answer
    }
    expect(await run(['west-east'], terminal, untilAllAreAsked)).toBe(0)
    expect(asked).toEqual(['topics', 'groups', 'access'].map((what) => [`twinshore-west-east-sync-${what}`, { mode }]))
    expect(notes).toEqual(asked.map(([name]) => `asking ${name} in eu-west-1`))
  })

  it('prints a section of each, in an order of its own', async () => {
    await run(['west-east'], terminal, answering())
    expect(results.join().split('\n\n\n')).toEqual([
      'topics of west-east: nothing to do',
      'groups of west-east: nothing to move; 2 groups compared',
      'access of west-east: nothing to do; 7 in step; the target is standby',
    ])
  })

  it('prints one JSON document with a section of each', async () => {
    await run(['west-east', '--json'], terminal, answering())
    expect(JSON.parse(results.join())).toEqual({ link: 'west-east', mode, topics, groups, access })
  })

  it('tells which function failed, shows the others, and fails', async () => {
    const failing = answering({ groups: refusing })
    expect(await run(['west-east'], terminal, failing)).toBe(1)
    expect(results.join().split('\n\n\n').slice(1)).toEqual([
      `groups of west-east: no answer\n\n${refused.message}`,
      expect.stringMatching(/^access of west-east: nothing to do/),
    ])
    results.length = 0
    expect(await run(['west-east', '--json'], terminal, failing)).toBe(1)
    const { code, message } = refused
    expect(JSON.parse(results.join())).toMatchObject({ topics, groups: { error: { code, message } }, access })
  })

  it.each(['topics', 'groups', 'access'])('fails when %s are in trouble', async (what) => {
    const faulted = { ...(REPORTS[what] as object), faulted: ['somebody'] }
    expect(await run(['west-east'], terminal, answering({ [what]: () => faulted }))).toBe(1)
    expect(results.join()).toMatch(new RegExp(`^${what} of west-east: .*in trouble: somebody$`, 'm'))
  })

  it('does not take what is no error of ours for an answer', async () => {
    const broken = new TypeError('a bug')
    const throwing = () => {
      throw broken
    }
    await expect(run(['west-east'], terminal, answering({ topics: throwing }))).rejects.toBe(broken)
  })

  it.each(['topics', 'groups', 'access'])('with --only asks for %s and nothing else', async (what) => {
    expect(await run(['west-east', '--only', what], terminal, answering())).toBe(0)
    expect(asked).toEqual([[`twinshore-west-east-sync-${what}`, { mode }]])
    expect(results).toEqual([expect.stringMatching(new RegExp(`^${what} of west-east: `))])
  })

  it('asks for what follows on the link, and for nothing that does not', async () => {
    await run(['groups-only'], terminal, answering())
    expect(asked.map(([name]) => name)).toEqual(['twinshore-groups-only-sync-groups'])
    await expect(run(['groups-only', '--only', 'topics'], terminal, answering())).rejects.toThrow(
      /CONFIG_INVALID: .*syncTopics: false/,
    )
    await expect(run(['groups-only', '--only', 'access'], terminal, answering())).rejects.toThrow(/no access/)
    await expect(run(['still'], terminal, answering())).rejects.toThrow(/CONFIG_INVALID: .*what follows on still/)
    await expect(run(['still', '--only', 'groups'], terminal, answering())).rejects.toThrow(/syncGroups: false/)
    expect(asked).toHaveLength(1)
  })

  it('refuses to ask only for what there is not', async () => {
    await expect(run(['west-east', '--only', 'records'], terminal, answering())).rejects.toThrow(
      '--only takes topics, groups, access',
    )
  })

  it('says whom it still waits for', async () => {
    vi.useFakeTimers()
    const answerIn = (ms: number, report: unknown) => () =>
      new Promise((resolve) => setTimeout(() => resolve(report), ms))
    const running = run(
      ['west-east'],
      terminal,
      answering({ topics: answerIn(15_000, topics), groups: answerIn(25_000, groups) }),
    )
    await vi.waitFor(() => expect(asked).toHaveLength(3))
    await vi.advanceTimersByTimeAsync(25_000)
    expect(await running).toBe(0)
    expect(notes.slice(3)).toEqual([
      '10 s, and no answer yet from twinshore-west-east-sync-topics, twinshore-west-east-sync-groups',
      '20 s, and no answer yet from twinshore-west-east-sync-groups',
    ])
  })
})
