import { describe, expect, it } from 'vitest'
import type { Report } from '../../../bench/bench-part.ts'
import { type Section, updatePage } from '../../../bench/results-page.ts'

const report = (word: string): Report => ({
  tables: [{ title: 'Speeds', columns: ['client', 'MB/s'], rows: [[word, '1.00']] }],
  targets: [{ what: word, wanted: 'at least 1', measured: '0.50', held: false }],
  notes: [`a note on ${word}`],
})

const section = (part: string, word: string): Section => ({
  part,
  about: `About ${part}`,
  date: '2026-01-01',
  machine: 'some machine',
  report: report(word),
})

const ORDER = ['first', 'second']

describe('the page of results', () => {
  it('keeps the last results of the parts that did not run', () => {
    const before = updatePage('', [section('first', 'old'), section('second', 'kept')], ORDER)
    const after = updatePage(before, [section('first', 'new')], ORDER)
    expect(after).toContain('| new ')
    expect(after).toContain('| kept ')
    expect(after).not.toContain('old')
  })

  it('shows parts in their order, whatever ran first', () => {
    const page = updatePage(updatePage('', [section('second', 'b')], ORDER), [section('first', 'a')], ORDER)
    expect(page.indexOf('## first')).toBeLessThan(page.indexOf('## second'))
  })

  it('forgets parts that no longer exist', () => {
    const before = updatePage('', [section('gone', 'x'), section('first', 'a')], ['gone', 'first'])
    expect(updatePage(before, [], ORDER)).not.toContain('gone')
  })

  it('is the same page when nothing ran', () => {
    const page = updatePage('', [section('first', 'a'), section('second', 'b')], ORDER)
    expect(updatePage(page, [], ORDER)).toBe(page)
  })

  it('says which targets were missed', () => {
    expect(updatePage('', [section('first', 'a')], ORDER)).toContain('**no**')
  })
})
