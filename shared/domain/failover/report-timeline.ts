import { atMost, durationText, escaped } from './report-text.ts'
import type { ReportTimes, TimelineBar } from './report-times.ts'

interface Drawing {
  /** In the units of the drawing, which are pixels where it is shown as wide as that. */
  readonly width: number
  readonly startedAt: number
}

const [ROW, BAR, TOP, THINNEST] = [34, 10, 26, 3]
const TEXT = 13
/** The wait for a person takes no more of the width than all the rest, over this. */
const WAIT_SHARE = 4

/**
 * The steps of a failover over time, each on a line of its own. Waits for people are drawn shorter than they were, and say
 * so; all else is to scale. The line across is the promotion, the point of no return.
 */
export const timelineSvg = (
  bars: readonly TimelineBar[],
  times: ReportTimes,
  { width, startedAt }: Drawing,
): string => {
  const scale = timeScale(bars, startedAt, width)
  const height = TOP + bars.length * ROW + 8
  const promote = bars.find(({ step, outcome }) => step === 'promote' && outcome === 'done')
  const shade = shaded(bars, scale, height)
  const line = promote && lineAt(scale(promote.endedAt), height)
  const rows = bars.map((bar, at) => row(bar, TOP + at * ROW, { scale, width, startedAt }))
  const title = `Timeline of ${bars.length} steps in ${durationText(times.totalMs)}`
  return [
    `<svg class="timeline" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    shade ?? '',
    line ?? '',
    ...rows,
    '</svg>',
  ].join('\n')
}

type Scale = (at: number) => number

/** Piecewise linear: time that only a person took is pressed together. Never runs backwards. */
export const timeScale = (bars: readonly TimelineBar[], startedAt: number, width: number): Scale => {
  const marks = [...new Set([startedAt, ...bars.flatMap((bar) => [bar.startedAt, bar.endedAt])])].sort((a, b) => a - b)
  const pieces = marks
    .slice(1)
    .map((to, at) => ({ from: marks[at] ?? to, to, waits: isWait(bars, marks[at] ?? to, to) }))
  const worked = pieces.reduce((sum, { from, to, waits }) => sum + (waits ? 0 : to - from), 0)
  const longestWait = worked === 0 ? Number.POSITIVE_INFINITY : worked / WAIT_SHARE
  const weighed = pieces.map((piece) => ({
    ...piece,
    weight: Math.min(piece.to - piece.from, piece.waits ? longestWait : Number.POSITIVE_INFINITY),
  }))
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0) || 1
  return (at) => {
    let passed = 0
    for (const { from, to, weight } of weighed) passed += weight * Math.min(1, Math.max(0, (at - from) / (to - from)))
    return Math.round((passed / total) * width * 10) / 10
  }
}

const isWait = (bars: readonly TimelineBar[], from: number, to: number): boolean =>
  bars.some(({ waits, startedAt, endedAt }) => waits && startedAt <= from && endedAt >= to)

/** From the fence until the promotion nobody may write. */
const shaded = (bars: readonly TimelineBar[], scale: Scale, height: number): string | undefined => {
  const fence = bars.find(({ step, outcome }) => step === 'fence' && outcome === 'done')
  const until = bars.find(({ step, outcome }) => step === 'promote' && outcome === 'done') ?? bars.at(-1)
  if (fence === undefined || until === undefined) return undefined
  const [x, end] = [scale(fence.startedAt), scale(until.endedAt)]
  return `<rect class="unwritable" x="${x}" y="${TOP - 6}" width="${Math.max(1, end - x)}" height="${height - TOP + 6}"><title>nobody may write</title></rect>`
}

const lineAt = (x: number, height: number): string =>
  `<line class="promoted" x1="${x}" x2="${x}" y1="${TOP - 10}" y2="${height}"><title>promoted: the point of no return</title></line>`

interface Row extends Drawing {
  readonly scale: Scale
}

const row = (bar: TimelineBar, y: number, { scale, width, startedAt }: Row): string => {
  const [start, end] = [scale(bar.startedAt), scale(bar.endedAt)]
  const length = Math.max(THINNEST, end - start)
  const x = Math.min(start, width - length)
  const kind = bar.waits ? 'waits' : bar.outcome === 'done' ? 'done' : 'stopped'
  const attempt = bar.attempt === 1 ? '' : ` (${bar.attempt})`
  const since = `+${durationText(bar.startedAt - startedAt)}`
  return [
    '<g class="step">',
    `<title>${escaped(`${bar.step}: ${atMost(bar.message, 300)}`)}</title>`,
    `<rect class="track" x="0" y="${y + 18}" width="${width}" height="${BAR}" rx="3"/>`,
    `<rect class="bar ${kind}" data-step="${bar.step}" x="${x}" y="${y + 18}" width="${length}" height="${BAR}" rx="3"/>`,
    `<text class="name" x="0" y="${y + TEXT}">${escaped(bar.step + attempt)}${bar.waits ? ', waits for a person' : ''}</text>`,
    `<text class="lasts" x="${width}" y="${y + TEXT}" text-anchor="end">${durationText(bar.endedAt - bar.startedAt)} at ${since}</text>`,
    '</g>',
  ].join('\n')
}
