import type { AlarmState } from './alarm-verdict.ts'
import type { Dashboard, Widget } from './dashboard-body.ts'
import { drawGraph, drawnLines, lastOf, type View } from './graph-picture.ts'
import { type Box, box, element, label, rounded, shortened } from './svg.ts'

export interface DashboardView extends View {
  readonly states: ReadonlyMap<string, AlarmState>
}

/** CloudWatch's grid has 24 columns; a place in it in pixels. */
const COLUMN = 60
const COLUMNS = 24
const ROW = 46
const TITLE = 24

const STATE_COLOURS: Readonly<Record<AlarmState, string>> = {
  OK: '#2ca02c',
  ALARM: '#d62728',
  INSUFFICIENT_DATA: '#9e9e9e',
}

/** A dashboard as an SVG document, plain enough to see at a glance what is where and whether it says anything. */
export const drawDashboard = ({ widgets }: Dashboard, view: DashboardView): string => {
  const rows = Math.max(1, ...widgets.map(({ y, height }) => y + height))
  const size = { width: COLUMNS * COLUMN, height: rows * ROW }
  const inside = [box({ x: 0, y: 0, ...size }, '#f2f3f3'), ...widgets.map((widget) => drawWidget(widget, view))]
  return element('svg', { xmlns: 'http://www.w3.org/2000/svg', ...size }, inside.join(''))
}

const drawWidget = (widget: Widget, view: DashboardView): string => {
  const card = {
    x: widget.x * COLUMN + 3,
    y: widget.y * ROW + 3,
    width: widget.width * COLUMN - 6,
    height: widget.height * ROW - 6,
  }
  const hasTitle = widget.title !== ''
  const top = hasTitle ? TITLE : 4
  const room = { ...card, y: card.y + top, height: card.height - top }
  return [
    box(card, '#fff', { stroke: '#d5dbdb', rx: 3 }),
    hasTitle ? label(shortened(widget.title, card.width, 13), card.x + 10, card.y + 17, titled) : '',
    drawInside(widget, room, view),
  ].join('')
}

const titled = { 'font-size': 13, 'font-weight': 'bold', fill: '#16191f' }

const drawInside = (widget: Widget, room: Box, view: DashboardView): string => {
  if (widget.alarms.length > 0) return drawAlarms(widget.alarms, room, view)
  if (widget.kind === 'text') return drawText(widget.text, room)
  if (widget.kind === 'metric' && widget.view === 'singleValue') return drawNumbers(widget, room, view)
  if (widget.kind === 'metric') return drawGraph(widget, room, view)
  return label(shortened(`${widget.kind}: ${widget.text}`, room.width), room.x + 10, room.y + 16)
}

/** A field for each alarm in the colour of its state; one that does not exist is black. */
const drawAlarms = (alarms: readonly string[], room: Box, { states }: DashboardView): string => {
  const across = Math.max(1, Math.floor(room.width / 210))
  const width = (room.width - 12) / across
  const height = Math.min(26, (room.height - 8) / Math.ceil(alarms.length / across))
  return alarms
    .map((alarm, at) => {
      const field = {
        x: room.x + 6 + (at % across) * width,
        y: room.y + 4 + Math.floor(at / across) * height,
        width: width - 4,
        height: height - 4,
      }
      const state = states.get(alarm)
      const name = label(shortened(alarm, field.width, 10), field.x + 6, field.y + field.height / 2 + 4, {
        fill: '#fff',
        'font-size': 10,
      })
      return `${box(field, state === undefined ? '#000' : STATE_COLOURS[state], { rx: 3 })}${name}`
    })
    .join('')
}

const drawNumbers = (widget: Widget, room: Box, view: View): string => {
  const lines = drawnLines(widget, view)
  const width = room.width / Math.max(1, lines.length)
  return lines
    .map(({ values, label: text, colour }, at) => {
      const last = lastOf(values)
      const x = room.x + at * width + 10
      const fontSize = Math.max(12, Math.min(26, room.height / 2))
      const number = label(last === undefined ? '--' : rounded(last), x, room.y + fontSize, {
        fill: colour,
        'font-size': fontSize,
      })
      return `${number}${label(shortened(text, width - 14, 10), x, room.y + fontSize + 14, { 'font-size': 10 })}`
    })
    .join('')
}

/** Markdown as plain lines: headings bold, links by their text. */
const drawText = (markdown: string, room: Box): string =>
  markdown
    .split('\n')
    .slice(0, Math.max(1, Math.floor((room.height - 4) / 16)))
    .map((line, at) => {
      const text = line.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[*`]/g, '')
      const heading = text.startsWith('#') ? { 'font-weight': 'bold', 'font-size': 13 } : {}
      return label(shortened(text.replace(/^#+\s*/, ''), room.width - 20), room.x + 10, room.y + 16 + at * 16, heading)
    })
    .join('')
