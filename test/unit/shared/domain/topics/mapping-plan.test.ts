import { describe, expect, it } from 'vitest'
import {
  isQuiet,
  type LinkMapping,
  type MappingState,
  planMapping,
  type WantedMapping,
} from '../../../../../shared/domain/topics/mapping-plan.ts'

const mapping = (madeBy: LinkMapping['madeBy'], state: MappingState, id = madeBy): LinkMapping => ({
  id,
  topic: 'orders',
  state,
  madeBy,
})

const STATES: readonly MappingState[] = [
  'Creating',
  'Enabling',
  'Enabled',
  'Disabling',
  'Disabled',
  'Updating',
  'Deleting',
]

type Case = readonly [WantedMapping, LinkMapping['madeBy'], readonly LinkMapping[], readonly string[]]

const done = (wanted: WantedMapping, madeBy: LinkMapping['madeBy'], mappings: readonly LinkMapping[]) =>
  planMapping('orders', wanted, madeBy, mappings).map((step) =>
    step.kind === 'create-mapping' ? `create ${step.enabled}` : 'id' in step ? `${step.kind} ${step.id}` : step.kind,
  )

describe('the mapping of a topic', () => {
  it.each<Case>([
    ['on', 'run-time', [], ['create true']],
    ['paused', 'run-time', [], ['create false']],
    ['held', 'run-time', [], []],
    ['none', 'run-time', [], []],
    ['on', 'stack', [], []],
    ['on', 'run-time', [mapping('run-time', 'Disabled')], ['enable-mapping run-time']],
    ['paused', 'run-time', [mapping('run-time', 'Enabled')], ['disable-mapping run-time']],
    ['held', 'run-time', [mapping('run-time', 'Enabled')], ['disable-mapping run-time']],
    ['none', 'run-time', [mapping('run-time', 'Enabled')], ['remove-mapping run-time']],
    ['on', 'stack', [mapping('stack', 'Disabled')], ['enable-mapping stack']],
    ['none', 'stack', [mapping('stack', 'Enabled')], ['disable-mapping stack']],
    ['none', 'stack', [mapping('stack', 'Disabled')], []],
  ])('that shall be %s, made by the %s, from %j takes %j', (wanted, madeBy, mappings, expected) => {
    expect(done(wanted, madeBy, mappings)).toEqual(expected)
  })

  it('is changed where the link wants it otherwise, once it is in the right state', () => {
    const differs = (state: MappingState, what: 'settings' | 'source'): LinkMapping => ({
      ...mapping('run-time', state),
      differs: what,
    })
    expect(done('on', 'run-time', [differs('Enabled', 'settings')])).toEqual(['update-mapping run-time'])
    expect(done('on', 'run-time', [differs('Disabled', 'settings')])).toEqual(['enable-mapping run-time'])
    expect(done('paused', 'run-time', [differs('Disabled', 'settings')])).toEqual(['update-mapping run-time'])
    expect(done('on', 'run-time', [differs('Updating', 'settings')])).toEqual([])
    expect(done('on', 'run-time', [differs('Enabled', 'source')])).toEqual(['remove-mapping run-time'])
  })

  it('of a topic that is named by now gives way to the one of the stack', () => {
    const both = [mapping('run-time', 'Enabled'), mapping('stack', 'Disabled')]
    expect(done('on', 'stack', both)).toEqual(['enable-mapping stack', 'remove-mapping run-time'])
    expect(done('on', 'stack', [mapping('run-time', 'Enabled')])).toEqual(['remove-mapping run-time'])
  })

  it('of a topic that is not named any more is still the one of the stack, as long as there is one', () => {
    expect(done('on', 'run-time', [mapping('stack', 'Disabled')])).toEqual(['enable-mapping stack'])
  })

  it('is one, and the same one in every pass', () => {
    const [one, two] = [mapping('run-time', 'Enabled', 'a' as never), mapping('run-time', 'Enabled', 'b' as never)]
    expect(done('on', 'run-time', [two, one])).toEqual(['remove-mapping b'])
    expect(done('on', 'run-time', [one, two])).toEqual(['remove-mapping b'])
    expect(done('on', 'run-time', [{ ...one, state: 'Deleting' }, two])).toEqual([])
  })

  it.each(STATES)('is left alone in a state that passes by itself: %s', (state) => {
    const settled = state === 'Enabled' || state === 'Disabled'
    for (const wanted of ['on', 'paused', 'held', 'none'] as const)
      for (const madeBy of ['stack', 'run-time'] as const)
        if (!settled) expect(done(wanted, madeBy, [mapping(madeBy, state)])).toEqual([])
    expect(isQuiet([mapping('run-time', state)])).toBe(state === 'Disabled')
  })
})
