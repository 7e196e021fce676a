import { describe, expect, it } from 'vitest'
import { readAccessPass } from '../../../cli/access-text.ts'
import type { PassMode } from '../../../cli/pass-text.ts'
import type { AccessReport, AccessStepReport } from '../../../shared/usecases/access/access-report.ts'

const quiet: AccessReport = {
  ...{ role: 'standby', granted: [], revoked: [], quotas: [], held: [], alreadyThere: [], inStep: 4 },
  ...{ leftOut: [], notCopyable: [], troubles: [], faulted: [] },
}

const step = (what: string, outcome: AccessStepReport['outcome'], error?: string): AccessStepReport => ({
  ...{ what, principal: 'User:app', outcome },
  ...(error !== undefined && { error }),
})

const read = (report: AccessReport) => {
  const pass = readAccessPass(JSON.parse(JSON.stringify(report)))
  if (pass === undefined) throw new Error('it is no report')
  return pass
}

const lines = (report: AccessReport, { mode = 'plan' as PassMode, verbose = false } = {}): readonly string[] =>
  read(report).describe(mode, { verbose }).join('\n').split('\n')

describe('a pass over access rights', () => {
  it.each<[string, PassMode, Partial<AccessReport>, string]>([
    ['nothing to do', 'plan', {}, 'nothing to do; 4 in step; the target is standby'],
    [
      'a plan',
      'plan',
      {
        granted: [step('a', 'planned')],
        revoked: [step('b', 'planned')],
        held: [{ what: 'c', principal: 'p', meanwhile: [] }],
      },
      '2 changes to make, nothing was changed; 4 in step; 1 pending; the target is standby',
    ],
    [
      'what was done',
      'apply',
      { role: 'active', granted: [step('a', 'done'), step('b', 'failed')], faulted: ['User:app'] },
      '2 changes, 1 done; 4 in step; the target is active; in trouble: User:app',
    ],
  ])('begins with %s', (_what, mode, changes, heading) => {
    expect(lines({ ...quiet, ...changes }, { mode })[0]).toBe(heading)
  })

  it('shows what it grants, revokes and sets, and what became of it', () => {
    const report = {
      ...quiet,
      granted: [step('User:app: ALLOW READ on topic orders', 'failed', 'ACL_DENIED: creating')],
      revoked: [step('User:app: DENY READ on group g', 'done')],
      quotas: [step('User:app: producer_byte_rate=1', 'skipped')],
    }
    expect(lines(report, { mode: 'apply' }).slice(1)).toEqual([
      'change  outcome  right',
      'grant   failed   User:app: ALLOW READ on topic orders: ACL_DENIED: creating',
      'revoke  done     User:app: DENY READ on group g',
      'quota   skipped  User:app: producer_byte_rate=1',
    ])
  })

  it('shows what is held until the promotion, and what of it is granted meanwhile', () => {
    const held = [
      { what: 'User:app: ALLOW WRITE on topic orders', principal: 'User:app', meanwhile: [] },
      { what: 'User:app: ALLOW ALL on topic bills', principal: 'User:app', meanwhile: ['READ', 'DESCRIBE'] },
    ]
    expect(lines({ ...quiet, held }).slice(1)).toEqual([
      'pending until the target is promoted',
      'meanwhile       right',
      '-               User:app: ALLOW WRITE on topic orders',
      'READ, DESCRIBE  User:app: ALLOW ALL on topic bills',
    ])
  })

  it("shows what is somebody else's, what is left out, what cannot be copied, and what to look at", () => {
    const report: AccessReport = {
      ...quiet,
      alreadyThere: ['User:app: ALLOW READ on topic orders'],
      leftOut: [{ what: 'User:*: ALLOW READ on topic orders', because: 'everybody', detail: 'never granted' }],
      notCopyable: [{ what: 'User:app', because: 'password', detail: 'put it there by hand' }],
      troubles: ['SOURCE_DENIED: listing'],
    }
    expect(lines(report).slice(1)).toEqual([
      ...['already there, and not ours', 'right', 'User:app: ALLOW READ on topic orders'],
      'left out',
      'because    rights                              detail',
      'everybody  User:*: ALLOW READ on topic orders  never granted',
      'cannot be copied',
      'what      because   detail',
      'User:app  password  put it there by hand',
      ...['to look at', 'SOURCE_DENIED: listing'],
    ])
  })

  it('shows the first of many, and all of them with --verbose', () => {
    const granted = Array.from({ length: 23 }, (_, index) => step(`right-${index}`, 'planned'))
    expect(lines({ ...quiet, granted }).at(-1)).toBe('and 3 changes more; --verbose shows all of them')
    expect(lines({ ...quiet, granted }, { verbose: true }).at(-1)).toContain('right-22')
  })

  it.each<[string, boolean, Partial<AccessReport>]>([
    ['a faulted principal', true, { faulted: ['User:app'] }],
    ['a revocation that failed', true, { revoked: [step('a', 'failed')] }],
    ['a quota that failed', true, { quotas: [step('a', 'failed')] }],
    ['rights that are held', false, { held: [{ what: 'a', principal: 'p', meanwhile: [] }] }],
    ['passwords that are to be set', false, { notCopyable: [{ what: 'a', because: 'b', detail: 'c' }] }],
  ])('with %s is trouble: %s', (_what, trouble, changes) => {
    expect(read({ ...quiet, ...changes }).trouble).toBe(trouble)
  })

  it.each([[undefined], [null], [{}], [{ ...quiet, held: undefined }]])('is not read from %j', (answer) => {
    expect(readAccessPass(answer)).toBeUndefined()
  })
})
