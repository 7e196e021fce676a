type Attributes = Readonly<Record<string, string | number | undefined>>

const escaped = (text: string | number): string =>
  String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** An element with what is already SVG inside it. */
export const element = (name: string, attributes: Attributes, inside = ''): string => {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escaped(value)}"`],
  )
  return `<${name}${written.join('')}>${inside}</${name}>`
}

export const label = (text: string | number, x: number, y: number, more: Attributes = {}): string =>
  element('text', { x, y, 'font-family': 'sans-serif', 'font-size': 11, fill: '#444', ...more }, escaped(text))

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const box = (at: Box, fill: string, more: Attributes = {}): string => element('rect', { ...at, fill, ...more })

/** As much of a text as has room, as far as that can be told without its font. */
export const shortened = (text: string, width: number, fontSize = 11): string => {
  const room = Math.max(1, Math.floor(width / (fontSize * 0.55)))
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`
}

export const rounded = (value: number): string =>
  Math.abs(value) >= 1_000
    ? value.toLocaleString('en', { maximumFractionDigits: 0 })
    : `${Number(value.toPrecision(3))}`
