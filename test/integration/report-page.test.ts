import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failoverReport } from '../../shared/domain/failover/report.ts'
import { reportPage } from '../../shared/domain/failover/report-page.ts'
import { Browser, type Screen } from '../support/browser.ts'
import { storyFacts, storyRecords } from '../support/failover-story.ts'

const SCREENS: readonly (readonly [string, Screen])[] = [
  ['phone, light', { width: 390, height: 844, scheme: 'light' }],
  ['phone, dark', { width: 390, height: 844, scheme: 'dark' }],
  ['desk, light', { width: 1_280, height: 800, scheme: 'light' }],
  ['desk, dark', { width: 1_280, height: 800, scheme: 'dark' }],
]

const page = reportPage(failoverReport(storyFacts()))

let browser: Browser

beforeAll(async () => {
  browser = await Browser.start()
})

afterAll(() => browser.close())

/** Of the drawing that is shown, as the browser laid it out. */
const timelineSeen = () => {
  const page = globalThis as unknown as { readonly document: Page; readonly innerWidth: number }
  const boxOf = (element: Element) => {
    const { left, right, top, bottom, width, height } = element.getBoundingClientRect()
    return { left, right, top, bottom, width, height }
  }
  const shown = [...page.document.querySelectorAll('svg.timeline')].filter(
    (svg) => svg.getBoundingClientRect().width > 0,
  )
  const [svg] = shown
  return {
    drawings: shown.length,
    screen: page.innerWidth,
    pageWidth: page.document.documentElement.scrollWidth,
    svg: svg && boxOf(svg),
    bars: [...(svg?.querySelectorAll('.bar') ?? [])].map((bar) => ({
      step: bar.getAttribute('data-step'),
      ...boxOf(bar),
    })),
    rows: [...(svg?.querySelectorAll('.step') ?? [])].map((row) => [...row.querySelectorAll('text')].map(boxOf)),
    promoted: [...(svg?.querySelectorAll('.promoted') ?? [])].map(boxOf)[0],
  }
}

/** What is asked of the page's own objects. */
interface Element {
  getBoundingClientRect(): Record<'left' | 'right' | 'top' | 'bottom' | 'width' | 'height', number>
  getAttribute(name: string): string | null
  querySelectorAll(selector: string): Iterable<Element>
}
interface Page {
  querySelectorAll(selector: string): Iterable<Element>
  readonly documentElement: { readonly scrollWidth: number }
}

describe.each(SCREENS)('the page of a report on a %s screen', (_name, screen) => {
  beforeAll(() => browser.open(page, screen))

  it('is drawn without a complaint, and asks for nothing', () => {
    expect(browser.told).toEqual([])
  })

  it('shows one timeline, with a bar for each step, in the order and the place of its time', async () => {
    const { drawings, bars, svg, promoted } = await browser.ask(timelineSeen)
    expect(drawings).toBe(1)
    expect(bars.map(({ step }) => step)).toEqual(storyRecords.map(({ step }) => step))
    expect(svg).toBeDefined()
    for (const [at, bar] of bars.entries()) {
      expect(bar.width).toBeGreaterThan(1)
      expect(bar.left).toBeGreaterThanOrEqual((svg?.left ?? 0) - 1)
      expect(bar.right).toBeLessThanOrEqual((svg?.right ?? 0) + 1)
      const before = bars[at - 1]
      if (before !== undefined) {
        expect(bar.left).toBeGreaterThanOrEqual(before.left)
        expect(bar.top).toBeGreaterThan(before.bottom)
      }
    }
    const [promote, switched] = ['promote', 'switch'].map((name) => bars.find(({ step }) => step === name))
    expect(promoted?.left).toBeGreaterThanOrEqual(promote?.left ?? Number.POSITIVE_INFINITY)
    expect(promoted?.left).toBeLessThanOrEqual((switched?.left ?? 0) + 2)
  })

  it('can be read: nothing is cut off, no letters lie on others, and they are large enough', async () => {
    const { screen: width, pageWidth, rows, bars, svg } = await browser.ask(timelineSeen)
    expect(pageWidth).toBeLessThanOrEqual(width)
    for (const [at, [name, lasts]] of rows.entries()) {
      expect(name?.top).toBeGreaterThan(bars[at - 1]?.bottom ?? 0)
      expect(name?.height).toBeGreaterThan(11)
      expect(name?.left).toBeGreaterThanOrEqual((svg?.left ?? 0) - 1)
      expect(lasts?.right).toBeLessThanOrEqual((svg?.right ?? 0) + 1)
      expect(name?.right).toBeLessThan(lasts?.left ?? 0)
    }
  })

  it('has letters that stand out from the ground, as the reader likes it', async () => {
    const { ground, letters } = await browser.ask(() => {
      const { document, getComputedStyle } = globalThis as unknown as Styled
      const light = (colour: string) =>
        (colour.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)
      const style = (selector: string) => getComputedStyle(document.querySelector(selector))
      return { ground: light(style('body').backgroundColor), letters: light(style('svg text').fill) }
    })
    if (screen.scheme === 'dark') expect(letters - ground).toBeGreaterThan(400)
    else expect(ground - letters).toBeGreaterThan(400)
  })
})

interface Styled {
  readonly document: { querySelector(selector: string): unknown }
  getComputedStyle(element: unknown): { readonly backgroundColor: string; readonly fill: string }
}

describe('a page with a script that somebody smuggled in', () => {
  it('does not run it', async () => {
    const evil = page.replace('</main>', '<script>document.title = "owned"</script></main>')
    await browser.open(evil, { width: 800, height: 600, scheme: 'light' })
    const title = await browser.ask(() => (globalThis as unknown as { document: { title: string } }).document.title)
    expect(title).not.toBe('owned')
    expect(browser.told.join()).toContain('Content Security Policy')
  })
})
