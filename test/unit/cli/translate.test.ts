import { beforeEach, describe, expect, it } from 'vitest'
import type { Invoke } from '../../../cli/asking.ts'
import { runTranslate } from '../../../cli/translate.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import type { GroupTranslation, TranslatedPartition } from '../../../shared/usecases/groups/group-report.ts'

const exact: TranslatedPartition = {
  ...{ topic: 'orders', partition: 0, source: '1000', targetTopic: 'west.orders', target: '950', kind: 'exact' },
  ...{ committed: '900', readAgain: { atTarget: '0', atCommitted: '50' } },
}
const ahead: TranslatedPartition = {
  ...{ topic: 'orders', partition: 1, source: '70', targetTopic: 'west.orders', target: '60', kind: 'ahead', by: '3' },
  readAgain: { atTarget: '0' },
}
const unmapped: TranslatedPartition = {
  topic: 'bills',
  partition: 0,
  source: '5',
  kind: 'unmapped',
  detail: 'nothing yet',
}

const translation = (...partitions: TranslatedPartition[]): GroupTranslation => ({
  ...{ group: 'billing', onSource: 'live', onTarget: 'empty', partitions, troubles: [] },
})

const results: string[] = []
const notes: string[] = []
const terminal = { result: (text: string) => void results.push(text), note: (text: string) => void notes.push(text) }
let invoked: Parameters<Invoke>[]

beforeEach(() => {
  results.length = 0
  notes.length = 0
  invoked = []
})

const translate = (answer: unknown, ...args: string[]) =>
  runTranslate(['west-east', '--group', 'billing', ...args], terminal, async (...asked) => {
    invoked.push(asked)
    return answer
  })
const lines = (): string[] => results.join('\n').split('\n')

describe('twinshore translate', () => {
  it('asks the function that moves groups, and says so meanwhile', async () => {
    expect(await translate(translation(exact))).toBe(0)
    const asked = { region: 'eu-west-1', name: 'twinshore-west-east-sync-groups', stack: 'twinshore-west-east-sync' }
    expect(invoked).toEqual([[expect.objectContaining(asked), { mode: 'translate', group: 'billing' }]])
    expect(notes).toEqual(['asking twinshore-west-east-sync-groups in eu-west-1'])
  })

  it('prints where each position leads, what is committed there, and what would be read again', async () => {
    expect(await translate(translation(exact, ahead, unmapped))).toBe(0)
    expect(lines()).toEqual([
      'billing by west-east: 3 positions (1 exact, 1 ahead, 1 unmapped); live on the source, empty on the target',
      '',
      'topic                  partition  source  target  kind        read again  committed  read again  detail',
      'orders to west.orders  0          1000    950     exact       0           900        50',
      'orders to west.orders  1          70      60      ahead by 3  0           -          -',
      'bills                  0          5       -       unmapped    -           -          -           nothing yet',
      '',
      'records read again by a group that resumes at these positions: 0, and not known of 1 partition',
      'by one that resumes where it is committed on the target now: 50; nothing is committed of 2 partitions',
    ])
  })

  it('says of how many partitions it is not known what would be read again', async () => {
    const { readAgain: _, ...untold } = exact
    await translate(translation(exact, untold))
    expect(lines().slice(-2)).toEqual([
      expect.stringMatching(/: 0, and not known of 1 partition$/),
      expect.stringMatching(/: 50, and not known of 1 partition$/),
    ])
  })

  it('adds up, also what no number of JavaScript holds', async () => {
    const much = { ...exact, readAgain: { atTarget: '9007199254740993', atCommitted: '1' } }
    await translate(translation(much, exact))
    expect(lines().slice(-2)).toEqual([expect.stringMatching(/: 9007199254740993$/), expect.stringMatching(/: 51$/)])
  })

  it('says why the link does not move it, and what could not be found out', async () => {
    const leftOut = { group: 'billing', because: 'excluded', detail: 'the link excludes it' } as const
    const told = { ...translation(exact), leftOut, troubles: ['SOURCE_UNREACHABLE: a broker'] }
    expect(await translate(told)).toBe(1)
    expect(lines()).toContain('the link does not move it: excluded, the link excludes it')
    expect(lines().slice(-2)).toEqual(['could not be found out', 'SOURCE_UNREACHABLE: a broker'])
  })

  it('fails when a position could not be found out', async () => {
    expect(await translate(translation(exact, { ...unmapped, kind: 'failed', detail: 'STATE_DENIED' }))).toBe(1)
  })

  it('fails for a group that nobody knows, and says what to check', async () => {
    const unknown = { ...translation(), onSource: 'absent', onTarget: 'absent', troubles: ['a broker is away'] }
    expect(await translate(unknown)).toBe(1)
    expect(results).toEqual([])
    expect(notes.at(-1)).toMatch(/group billing along west-east: west has no such group \(check .* DESCRIBE it there\)/)
    expect(notes.at(-1)).toContain('a broker is away')
    expect(await translate(unknown, '--json')).toBe(1)
    expect(JSON.parse(results.join())).toEqual({ link: 'west-east', ...unknown })
  })

  it('knows a group that left positions behind, although no broker lists it any more', async () => {
    expect(await translate({ ...translation(exact), onSource: 'absent' })).toBe(0)
    expect(lines()[0]).toContain('absent on the source')
  })

  it('prints one JSON document with all of it', async () => {
    expect(await translate(translation(exact, ahead), '--json')).toBe(0)
    expect(JSON.parse(results.join())).toEqual({ link: 'west-east', ...translation(exact, ahead) })
  })

  it.each([[{}], [null], [{ ...translation(), partitions: 3 }]])(
    'does not take %j for a translation',
    async (answer) => {
      await expect(translate(answer)).rejects.toThrow(/FUNCTION_FAILED: .*no translation of a group/)
    },
  )

  it('passes on why the function could do nothing', async () => {
    const own = new ReplicationError('SAME_CLUSTER', 'translating')
    const failing: Invoke = () => Promise.reject(own)
    await expect(runTranslate(['west-east', '--group', 'g'], terminal, failing)).rejects.toBe(own)
  })
})
