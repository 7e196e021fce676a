import { describe, expect, it } from 'vitest'
import { readGroupPass } from '../../../cli/group-text.ts'
import type { PassMode } from '../../../cli/pass-text.ts'
import type {
  GroupPassReport,
  GroupReport,
  MovedPosition,
  SkippedPartitions,
} from '../../../shared/usecases/groups/group-report.ts'

const quiet: GroupPassReport = {
  ...{ compared: 3, groupsMoved: 0, positionsMoved: 0, live: 0 },
  ...{ groups: [], leftOut: [], troubles: [], faulted: [] },
}

const position = (partition: number, changes: Partial<MovedPosition> = {}): MovedPosition => ({
  ...{ partition, source: '10', was: '2', target: '7', kind: 'exact', outcome: 'planned' },
  ...changes,
})

const group = (changes: Partial<GroupReport>): GroupReport => ({ group: 'billing', moved: [], skipped: [], ...changes })
const moving = (...positions: MovedPosition[]): GroupReport =>
  group({ moved: [{ topic: 'orders', targetTopic: 'west.orders', positions }] })
const skipping = (skip: Partial<SkippedPartitions>): GroupReport =>
  group({
    skipped: [{ topic: 'orders', targetTopic: 'orders', partitions: [0, 2], because: 'live', detail: 'why', ...skip }],
  })

const read = (report: GroupPassReport) => {
  const pass = readGroupPass(JSON.parse(JSON.stringify(report)))
  if (pass === undefined) throw new Error('it is no report')
  return pass
}

const lines = (report: GroupPassReport, { mode = 'plan' as PassMode, verbose = false } = {}): readonly string[] =>
  read(report).describe(mode, { verbose }).join('\n').split('\n')

describe('a pass over groups', () => {
  it.each<[string, PassMode, Partial<GroupPassReport>, string]>([
    ['nothing to do', 'plan', {}, 'nothing to move; 3 groups compared'],
    [
      'a plan',
      'plan',
      { groupsMoved: 1, positionsMoved: 2, groups: [moving(position(0), position(1))], live: 1 },
      '2 positions of 1 group to move, nothing was changed; 3 groups compared; 1 live on the target',
    ],
    [
      'what was done',
      'apply',
      { groupsMoved: 1, positionsMoved: 1, groups: [moving(position(0, { outcome: 'moved' }))], faulted: ['a', 'b'] },
      '1 position of 1 group moved; 3 groups compared; 2 groups in trouble: a, b',
    ],
  ])('begins with %s', (_what, mode, changes, heading) => {
    expect(lines({ ...quiet, ...changes }, { mode })[0]).toBe(heading)
  })

  it('shows of each group and topic how many positions move, how, and what became of them', () => {
    const moved = position(0, { outcome: 'moved' })
    const ahead = position(1, { kind: 'ahead', by: '4', outcome: 'moved' })
    const failed = position(2, { outcome: 'failed', error: 'GROUP_DENIED: committing' })
    expect(lines({ ...quiet, groups: [moving(moved, ahead, failed)] }, { mode: 'apply' }).slice(1)).toEqual([
      'group    topic                  positions         outcome',
      'billing  orders to west.orders  2 exact, 1 ahead  2 moved, 1 failed: GROUP_DENIED: committing',
    ])
  })

  it('shows each position with --verbose', () => {
    const { was: _, ...first } = position(0)
    const positions = [first, position(1, { kind: 'before-start', by: '4' }), position(2, { rewound: true })]
    expect(lines({ ...quiet, groups: [moving(...positions)] }, { verbose: true }).slice(1)).toEqual([
      'group    topic                  partition  source  was  target  kind               outcome',
      'billing  orders to west.orders  0          10      -    7       exact              planned',
      'billing  orders to west.orders  1          10      2    7       before-start by 4  planned',
      'billing  orders to west.orders  2          10      2    7       exact, rewound     planned',
    ])
  })

  it('says why positions are not moved', () => {
    expect(lines({ ...quiet, groups: [skipping({})] }).slice(1)).toEqual([
      'not moved',
      'because  group    topic   partitions  detail',
      'live     billing  orders  0,2         why',
    ])
  })

  it('says of which groups nothing is known, and what could not be found out', () => {
    const report = { ...quiet, groups: [group({ error: 'GROUP_DENIED: reading' })], troubles: ['a broker is away'] }
    expect(lines(report).slice(1)).toEqual([
      ...['not known', 'billing: GROUP_DENIED: reading'],
      ...['could not be found out', 'a broker is away'],
    ])
  })

  it('shows groups that are left out by reason', () => {
    const leftOut = ['a', 'b'].map(
      (name) => ({ group: name, because: 'excluded', detail: 'the link excludes it' }) as const,
    )
    expect(lines({ ...quiet, leftOut }).slice(1)).toEqual([
      'left out',
      'because   groups  detail',
      'excluded  a, b    the link excludes it',
    ])
  })

  it('shows the first of many, and all of them with --verbose', () => {
    const many = Array.from({ length: 25 }, (_, index) => ({ ...skipping({}), group: `group-${index}` }))
    expect(lines({ ...quiet, groups: many }).at(-1)).toBe('and 5 topics more; --verbose shows all of them')
    expect(lines({ ...quiet, groups: many }).join()).not.toContain('group-20')
    expect(lines({ ...quiet, groups: many }, { verbose: true }).join()).toContain('group-24')
  })

  it.each<[string, boolean, Partial<GroupPassReport>]>([
    ['a faulted group', true, { faulted: ['billing'] }],
    ['a position that failed', true, { groups: [moving(position(0, { outcome: 'failed' }))] }],
    ['a live group', false, { groups: [skipping({})] }],
    ['a broker that did not answer', false, { troubles: ['away'] }],
  ])('with %s is trouble: %s', (_what, trouble, changes) => {
    expect(read({ ...quiet, ...changes }).trouble).toBe(trouble)
  })

  it.each([[undefined], [null], ['done'], [{ ...quiet, groups: 3 }], [{ ...quiet, faulted: undefined }]])(
    'is not read from %j',
    (answer) => {
      expect(readGroupPass(answer)).toBeUndefined()
    },
  )
})
