import type { Widget } from './dashboard-body.ts'
import { linesFor } from './metric-query.ts'
import type { MetricStore, Series } from './metric-store.ts'
import { type Box, element, label, rounded, shortened } from './svg.ts'

/** What a dashboard is looked at with: the time at its right edge, and how much of it. */
export interface View {
  readonly store: MetricStore
  readonly endMs: number
  readonly spanMs: number
}

interface Drawn {
  readonly label: string
  readonly values: Series
  readonly axis: 'left' | 'right'
  readonly colour: string
}

const COLOURS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#9467bd', '#8c564b', '#e377c2', '#17becf', '#7f7f7f']

const LEGEND_LINE = 14

/** Every series that a widget shows, of its searches too. Throws on an expression that CloudWatch would not take either. */
export const drawnLines = ({ lines }: Widget, { store, endMs, spanMs }: View): readonly Drawn[] => {
  const queries = lines.map(({ query }) => query)
  return lines
    .filter(({ isVisible }) => isVisible)
    .flatMap(({ query, axis, periodMs }) => {
      const grid = { endMs, periodMs, count: Math.floor(spanMs / periodMs) }
      return linesFor(query.id, queries, store, grid).map((line) => ({ ...line, label: line.label || query.id, axis }))
    })
    .map((line, at) => ({ ...line, colour: COLOURS[at % COLOURS.length] ?? '#000' }))
}

export const lastOf = (values: Series): number | undefined => values.findLast((value) => value !== undefined)

/** Lines over time with an axis on each side, limits as dashed lines, and below what is what, with its last value. */
export const drawGraph = (widget: Widget, room: Box, view: View): string => {
  const lines = drawnLines(widget, view)
  const legend = Math.min(lines.length, Math.floor(room.height / 3 / LEGEND_LINE)) * LEGEND_LINE
  const plot = { x: room.x + 44, y: room.y + 8, width: room.width - 88, height: room.height - legend - 20 }
  const limits = widget.limits.map(({ value }) => value)
  const tops = { left: topOf('left', lines, limits), right: topOf('right', lines, []) }
  return [
    drawAxes(plot, tops, lines),
    ...lines.map(({ values, axis, colour }) => drawLine(values, plot, tops[axis], colour)),
    ...widget.limits.map(({ value, label: text }) => drawLimit(value, text, plot, tops.left)),
    ...lines.slice(0, legend / LEGEND_LINE).map((line, at) => {
      const last = lastOf(line.values)
      const text = `${line.label}: ${last === undefined ? 'no data' : rounded(last)}`
      const y = room.y + room.height - legend + at * LEGEND_LINE + 6
      return label(`■ ${shortened(text, room.width - 30)}`, room.x + 10, y, { fill: line.colour })
    }),
  ].join('')
}

const topOf = (axis: Drawn['axis'], lines: readonly Drawn[], limits: readonly number[]): number => {
  const values = lines.flatMap((line) => (line.axis === axis ? line.values : []))
  return Math.max(...values.filter((value) => value !== undefined), ...limits, 0) || 1
}

const drawAxes = (plot: Box, tops: Readonly<Record<Drawn['axis'], number>>, lines: readonly Drawn[]): string => {
  const bottom = plot.y + plot.height
  const heights = [0, 0.5, 1]
  return heights
    .flatMap((share) => {
      const y = bottom - plot.height * share
      const marks = [label(rounded(tops.left * share), plot.x - 4, y + 4, { 'text-anchor': 'end', 'font-size': 9 })]
      if (lines.some(({ axis }) => axis === 'right'))
        marks.push(label(rounded(tops.right * share), plot.x + plot.width + 4, y + 4, { 'font-size': 9 }))
      return [element('line', { x1: plot.x, x2: plot.x + plot.width, y1: y, y2: y, stroke: '#e5e5e5' }), ...marks]
    })
    .join('')
}

/** A line ends where values are missing, and a value between missing ones is a dot. */
const drawLine = (values: Series, plot: Box, top: number, colour: string): string => {
  const place = (value: number, at: number) => ({
    x: Number((plot.x + ((at + 0.5) / values.length) * plot.width).toFixed(1)),
    y: Number((plot.y + plot.height * (1 - Math.max(0, value) / top)).toFixed(1)),
  })
  return values
    .flatMap((value, at) => {
      if (value === undefined) return []
      const { x, y } = place(value, at)
      const before = values[at - 1]
      if (before === undefined) return [element('circle', { cx: x, cy: y, r: 1.5, fill: colour })]
      const from = place(before, at - 1)
      return [element('line', { x1: from.x, y1: from.y, x2: x, y2: y, stroke: colour, 'stroke-width': 1.5 })]
    })
    .join('')
}

const drawLimit = (value: number, text: string, plot: Box, top: number): string => {
  const y = plot.y + plot.height * (1 - value / top)
  const dashed = { stroke: '#d62728', 'stroke-dasharray': '4 3' }
  const line = element('line', { x1: plot.x, x2: plot.x + plot.width, y1: y, y2: y, ...dashed })
  return `${line}${label(shortened(text, plot.width), plot.x + 4, y - 3, { fill: '#d62728', 'font-size': 9 })}`
}
