import type { Mutant } from './mutants.ts'

const INTAKE = 'shared/domain/intake.ts'
const PROGRESS = 'shared/domain/progress.ts'
const REPLICATE = 'shared/usecases/replication/replicate-partition.ts'
const REMEMBER = 'shared/usecases/replication/remember-progress.ts'
const ADMIT = 'shared/usecases/replication/admit-batch.ts'
const SET_ASIDE = 'shared/usecases/replication/set-aside.ts'
const REFUSE = 'shared/usecases/replication/refuse-unreplicated.ts'

/** Broken ways to decide what is new, what is missing and what is done. */
export const LOSS_MUTANTS: readonly Mutant[] = [
  {
    name: 'the checkpoint is one too far',
    file: PROGRESS,
    find: 'nextSource: BigInt(last.offset) + 1n',
    put: 'nextSource: BigInt(last.offset) + 2n',
    breaks: ['I8', 'I10'],
  },
  {
    name: 'the checkpoint moves over what was not acknowledged',
    file: REPLICATE,
    find: 'const handled = placed.reduce((sum, { count }) => sum + count, 0)',
    put: 'const handled = batch.records.length',
    breaks: ['I8', 'I10', 'I13'],
  },
  {
    name: 'a failure is answered as done',
    file: REPLICATE,
    find: 'if (failure === undefined) return outcome',
    put: 'if (failure === undefined || outcome.bytes >= 0) return outcome',
    breaks: ['I10', 'I13'],
  },
  {
    name: 'a batch of two records is not remembered before the next one',
    file: REPLICATE,
    find: 'const progress = progressOf(fresh, sifted, attempt.handled, attempt.runs)',
    put: 'const progress = attempt.handled < 3 ? undefined : progressOf(fresh, sifted, attempt.handled, attempt.runs)',
    breaks: ['I10', 'I13'],
  },
  {
    name: 'a redelivery is appended again',
    file: REPLICATE,
    find: 'const fresh = first === 0 ? batch.records : batch.records.slice(first)',
    put: 'const fresh = batch.records',
    breaks: ['I6b', 'I8'],
  },
  {
    name: 'a redelivery is dropped on suspicion',
    file: INTAKE,
    find: "if (proven === undefined) return { kind: 'ask', because: 'unproven-redelivery', first }",
    put: "if (proven === undefined) return { kind: 'fresh', first }",
    breaks: ['I10'],
    amid: { recreation: true },
  },
  {
    name: 'other bytes under a known offset are dropped',
    file: INTAKE,
    find: "if (proven === false) return { kind: 'other-incarnation' }",
    put: "if (proven === false) return { kind: 'fresh', first }",
    breaks: ['I7b'],
    amid: { recreation: true },
  },
  {
    name: 'another topic id is not looked at',
    file: ADMIT,
    find: 'if (head !== undefined && head.incarnation !== incarnation) throw',
    put: 'if (head !== undefined && head.incarnation === undefined) throw',
    breaks: ['I7b', 'I9', 'I10'],
    amid: { recreation: true },
  },
  {
    name: 'a record of another life that follows the checkpoint is taken',
    file: ADMIT,
    find: 'if (other !== undefined) throw',
    put: 'if (other === undefined && incarnation === undefined) throw',
    breaks: ['I7b'],
    amid: { recreation: true },
  },
  {
    name: 'what retention took is not looked for',
    file: INTAKE,
    find: "return missing ? { kind: 'ask', because: 'missing-offsets', first } : { kind: 'fresh', first }",
    put: "return missing ? { kind: 'fresh', first } : { kind: 'fresh', first }",
    breaks: ['I10'],
    alone: true,
    amid: { cleaning: true },
  },
  {
    name: 'what retention took is told one record short',
    file: INTAKE,
    find: 'to: to < logStart ? to : logStart }',
    put: 'to: to < logStart ? to : logStart - 1n }',
    breaks: ['I10'],
    alone: true,
    amid: { cleaning: true },
  },
  {
    name: 'a hole counts as lost as a whole',
    file: INTAKE,
    find: 'to: to < logStart ? to : logStart }',
    put: 'to: to < logStart ? to : to }',
    breaks: ['I10'],
    amid: { cleaning: true },
  },
  {
    name: 'a loss is written down and told to nobody',
    file: REMEMBER,
    find: '    alarm(batch, gap)\n',
    put: '',
    breaks: ['I10'],
    alone: true,
    amid: { cleaning: true },
  },
  {
    name: 'a loss is told and not written down',
    file: REMEMBER,
    find: '    await state.recordGap(batch, gap, deadline)\n',
    put: '',
    breaks: ['I10'],
    alone: true,
    amid: { cleaning: true },
  },
  {
    name: 'a quarantined record is not in the ledger',
    file: SET_ASIDE,
    find: '  await state.recordGap(partition, gap, deadline)\n',
    put: '',
    breaks: ['I10'],
  },
  {
    name: 'a record that waits for the target is set aside without being kept',
    file: REPLICATE,
    find: "if (stopped.kind === 'failed' || refused === undefined || deps.quarantine === undefined) {",
    put: 'if (refused === undefined || deps.quarantine === undefined) {',
    breaks: ['I8'],
  },
  {
    name: 'a hole is taken for empty',
    file: PROGRESS,
    find: 'unverifiedFrom: head.unverifiedFrom ?? firstHole?.from',
    put: 'unverifiedFrom: firstHole?.from && undefined',
    breaks: ['I10'],
    alone: true,
    amid: { skips: true },
  },
  {
    name: 'only the newest hole is doubted',
    file: PROGRESS,
    find: 'unverifiedFrom: head.unverifiedFrom ?? firstHole?.from',
    put: 'unverifiedFrom: firstHole?.from ?? head.unverifiedFrom',
    breaks: ['I10'],
    alone: true,
    amid: { skips: true },
  },
  {
    name: 'a record out of a hole is dropped as a redelivery',
    file: REFUSE,
    find: "throw new ReplicationError('HOLE_NOT_EMPTY', doing)",
    put: "new ReplicationError('HOLE_NOT_EMPTY', doing)",
    breaks: ['I10'],
    alone: true,
    amid: { skips: true },
  },
  {
    name: 'somebody who was overtaken answers as if it were done',
    file: REMEMBER,
    find: "  if (outcome !== 'advanced') throw notAdvanced(batch, outcome)\n  return { head: moved, pages: pages.length }",
    put: '  return { head: moved, pages: pages.length + Number(outcome === undefined) }',
    breaks: ['I10'],
    amid: { zombies: true },
  },
  {
    name: 'the head is written before its pages',
    file: REMEMBER,
    find: '  if (pages.length > 0) await state.seal(batch, pages, deadline)\n  const moved = after(openRuns)\n  const outcome = await state.advance(batch, head, moved, deadline)\n',
    put: '  const moved = after(openRuns)\n  const outcome = await state.advance(batch, head, moved, deadline)\n  if (pages.length > 0) await state.seal(batch, pages, deadline)\n',
    breaks: ['I7b'],
    amid: { zombies: true },
  },
  {
    name: 'a redelivery that proves nothing is refused',
    file: INTAKE,
    find: "if (proven === undefined) return { kind: 'ask', because: 'unproven-redelivery', first }",
    put: "if (proven === undefined) return { kind: 'other-incarnation' }",
    breaks: ['I8'],
    alone: true,
  },
  {
    name: 'a loss is told after the checkpoint has passed it',
    file: REMEMBER,
    find: `  const { lost, gaps } = await tellOfProgress(batch, head, admission, progress, { epoch, now }, deadline, deps)
  const after = (openRuns: readonly Run[]): Head => headAfter(head, admission, progress, { openRuns, epoch, now })
  const { pages } = await moveHead(batch, head, after, deadline, deps)
`,
    put: `  const after = (openRuns: readonly Run[]): Head => headAfter(head, admission, progress, { openRuns, epoch, now })
  const { pages } = await moveHead(batch, head, after, deadline, deps)
  const { lost, gaps } = await tellOfProgress(batch, head, admission, progress, { epoch, now }, deadline, deps)
`,
    breaks: ['I10'],
    amid: { cleaning: true },
  },
]
