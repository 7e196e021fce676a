import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import { argumentsOfScript } from '../support/npm-script.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const RUN_WITHIN_MS = 420_000
/** Whoever asks a region that is gone waits, and so does the schedule for it to come back. */
const LOST_REGION_WITHIN_MS = 600_000

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Demo {
  readonly child: ChildProcess
  readonly stderr: () => string
  readonly ended: Promise<Ended>
  /** Where its world has its data. */
  readonly folder: string
}

const startDemo = (...args: readonly string[]): Demo => {
  const child = spawn(process.execPath, [...argumentsOfScript('demo'), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }))
  return { child, stderr: () => stderr, ended, folder: join(ROOT, '.worlds', `demo-${child.pid}`) }
}

const nothingRunsIn = (folder: string): boolean =>
  !execFileSync('ps', ['-A', '-o', 'args=']).toString().includes(folder)

const leavesNothing = async (folder: string): Promise<void> => {
  expect(existsSync(folder)).toBe(false)
  await eventually(`everything in ${folder} to end`, () => nothingRunsIn(folder), { withinMs: 30_000, everyMs: 200 })
}

describe('npm run demo', () => {
  it(
    'replicates, breaks things, holds, says so in one JSON document, and leaves nothing',
    async () => {
      const demo = startDemo('--json', '--records', '500', '--size', '200')
      const { code, stdout, stderr } = await demo.ended
      const lines = stdout.split('\n').filter(Boolean)
      expect(lines, stderr).toHaveLength(1)
      const document = JSON.parse(lines[0] ?? '')
      expect(document.checks.filter((check: { held: boolean }) => !check.held)).toEqual([])
      expect(document).toMatchObject({
        scenario: 'replicate',
        held: true,
        lost: 0,
        altered: 0,
        reordered: 0,
        duplicates: { explained: expect.any(Number), unexplained: 0 },
        mapErrors: 0,
        gaps: 0,
        megabytesPerSecond: expect.any(Number),
        latencyMs: { p50: expect.any(Number), p99: expect.any(Number) },
        writesPerBatch: expect.any(Number),
      })
      expect(document.records).toBeGreaterThan(500)
      expect(document.duplicates.explained).toBeGreaterThan(0)
      expect(stderr).not.toContain('Warning')
      expect(code).toBe(0)
      await leavesNothing(demo.folder)
    },
    RUN_WITHIN_MS,
  )

  it.each([
    ['topics', { secondsToFirstRecord: expect.any(Number), longestGapMs: { before: expect.any(Number) } }],
    ['groups', { readTwice: 0, skipped: 0, groupsMoved: 5, readAgain: { 0: 0, 10: 0, 1000: 0, 10000: 0, live: 0 } }],
    ['active-active', { looped: expect.any(Number) }],
    ['hub-and-spoke', { recordsPerLink: { 'hub-dublin': expect.any(Number) } }],
    [
      'lag',
      {
        lag: { untrue: 0, records: { ours: expect.any(Number) }, seconds: { ours: expect.any(Number) } },
        alarms: { raised: ['lag-records', 'lag-seconds'], cleared: ['lag-records', 'lag-seconds'] },
      },
    ],
  ])(
    'holds what the scenario %s promises',
    async (scenario, figures) => {
      const demo = startDemo(scenario, '--json')
      const { code, stdout, stderr } = await demo.ended
      const document = JSON.parse(stdout.split('\n').findLast(Boolean) ?? '{}')
      expect(
        document.checks?.filter((check: { held: boolean }) => !check.held),
        stderr,
      ).toEqual([])
      expect(document, stderr).toMatchObject({ scenario, held: true, lost: 0, altered: 0, phantom: 0, ...figures })
      expect(code).toBe(0)
      await leavesNothing(demo.folder)
    },
    RUN_WITHIN_MS,
  )

  it.each([
    // There and back again: the way there is what `failover-planned` shows.
    [['failback', '--secure'], { reportedLost: 0, rtoMs: { fence: expect.any(Number), total: expect.any(Number) } }],
    [['drill'], { changed: 0, wouldReadAgain: 0, wouldSkip: 0, rtoMs: { preflight: expect.any(Number) } }],
  ])(
    'fails over, by the ledgers of all clients: %s',
    async ([scenario = '', ...flags], figures) => {
      const demo = startDemo(scenario, ...flags, '--json')
      const { code, stdout, stderr } = await demo.ended
      const document = JSON.parse(stdout.split('\n').findLast(Boolean) ?? '{}')
      const broken = document.checks?.filter((check: { held: boolean }) => !check.held)
      expect(broken, stderr).toEqual([])
      const clients = { lost: 0, readTwice: 0, skipped: 0, twoWritableSides: 0 }
      expect(document, stderr).toMatchObject({ scenario, held: true, ...clients, ...figures })
      expect(code).toBe(0)
      await leavesNothing(demo.folder)
    },
    RUN_WITHIN_MS,
  )

  it.each([
    ['failover-unplanned', {}],
    [
      'failover-scrape',
      { refilled: expect.any(Number), wayBack: { lost: 0, readTwice: 0, skipped: 0, reportedLost: 0 } },
    ],
  ])(
    'loses the active cluster under load, tells what is lost, record by record, and keeps it: %s',
    async (scenario, own) => {
      const demo = startDemo(scenario, '--secure', '--json')
      const { code, stdout, stderr } = await demo.ended
      const document = JSON.parse(stdout.split('\n').findLast(Boolean) ?? '{}')
      const broken = document.checks?.filter((check: { held: boolean }) => !check.held)
      expect(broken, stderr).toEqual([])
      const clients = { lost: 0, skipped: 0, twoWritableSides: 0, readTwice: document.saidToBeReadTwice }
      const figures = {
        reportedLost: document.stranded,
        rtoMs: { fence: expect.any(Number), total: expect.any(Number) },
      }
      expect(document, stderr).toMatchObject({ scenario, held: true, ...clients, ...figures, ...own })
      expect(document.stranded).toBeGreaterThan(0)
      expect(code).toBe(0)
      await leavesNothing(demo.folder)
    },
    LOST_REGION_WITHIN_MS,
  )

  it(
    'leaves nothing when it is interrupted while its world comes up',
    async () => {
      const demo = startDemo('--json')
      await eventually('two clusters', () => demo.stderr().includes('clusters are up'), { withinMs: 120_000 })
      expect(nothingRunsIn(demo.folder)).toBe(false)
      demo.child.kill('SIGINT')
      expect(await demo.ended).toMatchObject({ code: 130, stdout: '' })
      await leavesNothing(demo.folder)
    },
    RUN_WITHIN_MS,
  )

  it('names its scenarios', async () => {
    expect(await startDemo('--list').ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^replicate +\S/) })
    const { stdout } = await startDemo('--list', '--json').ended
    const names = JSON.parse(stdout).map(({ name }: { name: string }) => name)
    const replicating = ['replicate', 'topics', 'groups', 'active-active', 'hub-and-spoke', 'lag']
    expect(names).toEqual([
      ...replicating,
      'failover-planned',
      'failover-unplanned',
      'failover-scrape',
      'failback',
      'drill',
    ])
  })

  it.each([[['nonsense']], [['--records', '-1']]])('explains itself to who calls it wrongly: %s', async (args) => {
    expect(await startDemo(...args).ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--records N'),
    })
  })
})
