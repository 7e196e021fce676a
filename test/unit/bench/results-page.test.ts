import { describe, expect, it } from 'vitest'
import type { Report } from '../../../bench/bench-part.ts'
import { keepsFullResult, type Section, updatePage } from '../../../bench/results-page.ts'

const report = (word: string): Report => ({
  tables: [{ title: 'Speeds', columns: ['client', 'MB/s'], rows: [[word, '1.00']] }],
  targets: [{ what: word, wanted: 'at least 1', measured: '0.50', held: false }],
  notes: [`a note on ${word}`],
})

const section = (part: string, word: string): Section => ({
  part,
  extent: { kind: 'full' },
  about: `About ${part}`,
  date: '2026-01-01',
  machine: 'some machine',
  report: report(word),
})

const quickSection = (part: string, word: string): Section => ({
  ...section(part, word),
  extent: { kind: 'quick', sizes: '1 round instead of 3' },
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
    const page = updatePage('', [section('first', 'a'), quickSection('second', 'b')], ORDER)
    expect(updatePage(page, [], ORDER)).toBe(page)
  })

  it('says which targets were missed', () => {
    expect(updatePage('', [section('first', 'a')], ORDER)).toContain('**no**')
  })

  it('says in the heading what was only a quick run, and how quick', () => {
    const page = updatePage('', [quickSection('first', 'a'), section('second', 'b')], ORDER)
    expect(page).toContain('\n## first (quick run: 1 round instead of 3)\n')
    expect(page).toContain('\n## second\n')
  })

  it.each([
    ['a quick run', 'a full result', quickSection, section, 'old'],
    ['a quick run', 'a quick run', quickSection, quickSection, 'new'],
    ['a full result', 'a quick run', section, quickSection, 'new'],
    ['a full result', 'a full result', section, section, 'new'],
  ])('asked to put %s in the place of %s', (_new, _old, later, earlier, kept) => {
    const before = updatePage('', [earlier('first', 'old')], ORDER)
    const after = updatePage(before, [later('first', 'new')], ORDER)
    expect(['old', 'new'].filter((word) => after.includes(`| ${word} `))).toEqual([kept])
    expect(keepsFullResult(before, later('first', 'new'))).toBe(kept === 'old')
  })
})
