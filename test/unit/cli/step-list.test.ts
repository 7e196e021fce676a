import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { StepList } from '../../../cli/step-list.ts'
import { STARTED_AT, stepRecord } from '../../support/failover-story.ts'

const written: string[] = []
const stream = (isTTY: boolean) => {
  written.length = 0
  return { isTTY, write: (text: string) => written.push(text) }
}

const done = stepRecord('validate', 0, 1)
const waits = stepRecord('lock', 1, 2, { outcome: 'again', message: 'not yet' })

describe('the list of steps', () => {
  it('says a thing once where nobody looks, and a step again when its answer is another', () => {
    const list = new StepList(stream(false))
    list.show([done, waits], STARTED_AT)
    list.show([done, waits], STARTED_AT)
    list.show([done, { ...waits, outcome: 'done', message: 'taken' }], STARTED_AT)
    expect(written.join('').trimEnd().split('\n')).toEqual([
      'validate   done     validate is done',
      'lock       again    not yet',
      'lock       done     taken',
    ])
  })

  it('is drawn over itself on a terminal, with what is still to come', () => {
    const list = new StepList(stream(true))
    list.show([done, waits], STARTED_AT + 9_000)
    const lines = stripVTControlCharacters(written.join('')).trimEnd().split('\n')
    expect(lines.slice(0, 3)).toEqual([
      '✔ validate              1 s  validate is done',
      '… lock                  8 s  not yet',
      '  preflight',
    ])
    expect(lines.at(-1)).toBe('  report')
    list.show([done, waits], STARTED_AT + 9_000)
    expect(written.at(-1)?.startsWith(`\u001b[${lines.length}A`)).toBe(true)
    list.leave()
    list.show([done, waits], STARTED_AT + 9_000)
    expect(written.at(-1)?.startsWith('\u001b[')).toBe(false)
  })

  it('shows a question as answered once anything came after it', () => {
    const list = new StepList(stream(true))
    const asked = stepRecord('approve', 2, 3, { outcome: 'again' })
    list.show([done, asked], STARTED_AT + 5_000)
    list.show([done, asked, stepRecord('fence', 60, 61)], STARTED_AT + 70_000)
    const marks = written.map((text) => stripVTControlCharacters(text).split('\n')[1]?.trim().replaceAll(/ +/g, ' '))
    expect(marks).toEqual(['… approve 3 s approve is done', '✔ approve 58 s approve is done'])
  })

  it('promises no further steps once all is put back', () => {
    const list = new StepList(stream(true))
    list.show([done, stepRecord('rollback', 2, 3)], STARTED_AT)
    expect(stripVTControlCharacters(written.join(''))).not.toContain('promote')
  })
})
