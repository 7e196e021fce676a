import type { Mutant } from './mutants.ts'

const OFFSET_MAP = 'shared/domain/offset-map.ts'
const PROGRESS = 'shared/domain/progress.ts'
const ONWARD = 'shared/usecases/replication/onward-records.ts'

/** Broken ways to write the map. */
export const MAP_MUTANTS: readonly Mutant[] = [
  {
    name: 'a looped run is taken for a replicated one',
    file: 'shared/domain/run.ts',
    find: 'looped === undefined\n\n/** Whether `next`',
    put: 'looped === undefined || looped\n\n/** Whether `next`',
    breaks: ['I6', 'I7b'],
  },
  {
    name: 'looped records are forgotten',
    file: PROGRESS,
    find: 'withLooped(openRuns, progress.runs, progress.looped)',
    put: 'withLooped(openRuns, progress.runs, [])',
    breaks: ['I3', 'I7b'],
  },
  {
    name: 'a run goes on over a hole in a batch',
    file: 'shared/domain/placement.ts',
    find: 'offsetAt(records, at + 1) === offsetAt(records, at) + 1',
    put: 'offsetAt(records, at + 1) > offsetAt(records, at)',
    breaks: ['I6', 'I7b', 'I13'],
  },
  {
    name: 'a run goes on over a hole between batches',
    file: 'shared/domain/run.ts',
    find: 'sourceEnd(run) === next.source && ',
    put: '',
    breaks: ['I7b', 'I10b'],
  },
  {
    name: 'a run goes on over copies and records of others on the target',
    file: 'shared/domain/run.ts',
    find: ' && targetEnd(run) === next.target',
    put: '',
    breaks: ['I6', 'I6b'],
  },
  {
    name: 'a page is sealed without its last run',
    file: OFFSET_MAP,
    find: 'cutPages(incarnation, openRuns.slice(0, stays), open, limits.pageBytes)',
    put: 'cutPages(incarnation, openRuns.slice(0, stays - 1), open, limits.pageBytes)',
    breaks: ['I1', 'I7b'],
  },
  {
    name: 'a page takes the newest run for the one that follows it',
    file: OFFSET_MAP,
    find: 'const target = runs.find(isReplicated)?.target',
    put: 'const target = runs.findLast(isReplicated)?.target',
    breaks: ['I1', 'I4'],
  },
  {
    name: 'a run that stays in the head is dropped when the others are sealed',
    file: OFFSET_MAP,
    find: 'const open = openRuns.slice(stays)\n',
    put: 'const open = openRuns.slice(stays + 1)\n',
    breaks: ['I7b', 'I8'],
  },
  {
    name: 'a looped record at the end waits for the next copied one',
    file: ONWARD,
    find: 'const [oldest, ...others] = next === undefined ? fresh : fresh.slice(0, waitsAt)',
    put: 'const [oldest, ...others] = next === undefined ? fresh.filter(({ offset }) => !looped.includes(offset)) : fresh.slice(0, waitsAt)',
    breaks: ['I7b', 'I10'],
  },
  {
    name: 'a page begins with the last run of the one before',
    file: OFFSET_MAP,
    find: 'cut.push([run])',
    put: 'cut.push([page?.at(-1) ?? run, ...(page === undefined ? [] : [run])])',
    breaks: ['I7', 'I7b'],
  },
]
