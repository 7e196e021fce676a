import { describe, expect, it } from 'vitest'
import { type DemoReport, held, reportDocument, reportText } from '../../../../local/demo/demo-report.ts'

const good = { name: 'records lost', held: true, measured: '0', expected: '0' }
const bad = { ...good, held: false, measured: '3' }

const report = (own: Partial<DemoReport> = {}): DemoReport => ({
  scenario: 'replicate',
  checks: [good],
  figures: { records: 5, latencyMs: { p50: 1, p99: 2 } },
  ...own,
})

describe('the report of the demo', () => {
  it.each([
    ['every check held', report(), true],
    ['one did not', report({ checks: [good, bad] }), false],
    ['it broke off', report({ error: 'no Java' }), false],
    ['nothing was checked', report({ checks: [] }), false],
  ])('holds or not when %s', (_when, one, expected) => {
    expect(held(one)).toBe(expected)
    expect(JSON.parse(reportDocument(one))).toMatchObject({ scenario: 'replicate', held: expected })
  })

  it('is one line of JSON with the figures beside the checks', () => {
    const document = reportDocument(report())
    expect(document).not.toContain('\n')
    expect(JSON.parse(document)).toEqual({
      scenario: 'replicate',
      held: true,
      checks: [good],
      records: 5,
      latencyMs: { p50: 1, p99: 2 },
    })
    expect(JSON.parse(reportDocument(report({ error: 'no Java' })))).toMatchObject({ error: 'no Java' })
  })

  it('tells people what was measured, what was expected and how it ended', () => {
    const text = reportText(report({ checks: [bad] }), process.stderr)
    expect(text).toMatch(/BROKEN.*records lost {2}3 \(expected 0\)/)
    expect(text).toContain('p50 1, p99 2')
    expect(text).toContain('not every check held')
    expect(reportText(report({ error: 'no Java' }), process.stderr)).toContain('replicate: no Java')
  })
})
