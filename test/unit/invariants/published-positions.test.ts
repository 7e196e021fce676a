import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildWith, type Change } from './changed-build.ts'
import { type PublishingHistory, type PublishingStep, violatedByPublishing } from './published-positions.ts'

const BOUNDED = { seed: 5, numRuns: 400, endOnFailure: true }
const VERDICT = 'shared/domain/groups/position-verdict.ts'
const APPLY = 'shared/usecases/groups/apply-moves.ts'

const small = fc.integer({ min: 1, max: 12 })
const anyStep: fc.Arbitrary<PublishingStep> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), count: small, markers: fc.boolean() }),
  fc.record({ kind: fc.constant('replicate' as const), count: small, dies: fc.boolean() }),
  fc.record({ kind: fc.constant('read' as const), by: fc.integer({ min: -9, max: 15 }) }),
  fc.record({ kind: fc.constant('read-there' as const), by: fc.integer({ min: -5, max: 9 }) }),
  fc.constantFrom<PublishingStep>({ kind: 'join' }, { kind: 'leave' }),
  fc.record({ kind: fc.constant('pass' as const) }),
  fc.record({ kind: fc.constant('pass' as const), joins: fc.integer({ min: 1, max: 4 }) }),
)
const anyPublishing: fc.Arbitrary<PublishingHistory> = fc.record({
  followRewinds: fc.boolean(),
  steps: fc
    .array(anyStep, { maxLength: 40, size: 'max' })
    .map((steps): PublishingStep[] => [
      { kind: 'write', count: 30, markers: false },
      { kind: 'replicate', count: 20, dies: false },
      ...steps,
    ]),
})

/** Put back to where it stood before its rewind, before a pass has seen the rewind: the group is rewound once more. */
const PUT_BACK: PublishingHistory = {
  followRewinds: true,
  steps: [
    { kind: 'write', count: 30, markers: false },
    { kind: 'replicate', count: 20, dies: false },
    { kind: 'read', by: 3 },
    { kind: 'pass' },
    { kind: 'read', by: -3 },
    { kind: 'pass' },
    { kind: 'read-there', by: 3 },
    { kind: 'pass' },
  ],
}

/** The same when passes have seen the group only while it had members, and it read up to where it had stood. */
const READ_AGAIN: PublishingHistory = {
  followRewinds: true,
  steps: [
    { kind: 'write', count: 30, markers: false },
    { kind: 'replicate', count: 20, dies: false },
    { kind: 'read', by: 6 },
    { kind: 'pass' },
    { kind: 'read', by: -6 },
    { kind: 'pass' },
    { kind: 'join' },
    { kind: 'pass' },
    { kind: 'read-there', by: 6 },
    { kind: 'leave' },
    { kind: 'pass' },
  ],
}

describe('positions that a link publishes', () => {
  it('I5: go back only with the source group, where the link follows; I11: are not asked for a live group', () =>
    fc.assert(
      fc.asyncProperty(anyPublishing, async (history) => {
        expect(await violatedByPublishing(history)).toEqual(new Map())
      }),
      { numRuns: 300, examples: [[PUT_BACK], [READ_AGAIN]] },
    ))

  it.each<[string, string, Change]>([
    [
      'a lower position is published like a higher one',
      'I5',
      { file: VERDICT, find: 'if (target > standing.offset) {', put: 'if (target !== standing.offset) {' },
    ],
    [
      'every link follows rewinds',
      'I5',
      { file: VERDICT, find: 'if (followRewinds && wasRewound', put: 'if (wasRewound' },
    ],
    [
      'a source group that stayed counts as rewound',
      'I5',
      { file: VERDICT, find: '(source < published.source ||', put: '(source <= published.source ||' },
    ],
    [
      'who joins after the look is not seen',
      'I11',
      { file: APPLY, find: "?.life === 'live') results.set", put: '?.life === undefined) results.set' },
    ],
  ])('are caught where %s: %s', async (_what, id, change) => {
    const build = await buildWith<typeof import('./published-positions.ts')>('published-positions.ts', [change])
    const holds = fc.asyncProperty(
      anyPublishing,
      async (history) => !(await build.violatedByPublishing(history)).has(id),
    )
    expect((await fc.check(holds, BOUNDED)).failed).toBe(true)
  })
})
