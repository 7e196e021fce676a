/** Texts of a report, for people. */

/** As HTML and XML both read it, in texts and in attributes. */
export const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

export const atMost = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]

/** Two units at most: 840 ms, 12.3 s, 4 min 10 s, 2 h 5 min. */
export const durationText = (ms: number): string => {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < MINUTE) return `${Math.floor(ms / 100) / 10} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / SECOND)} s`
  return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`
}

/** Digits in groups of three. */
export const countText = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ')

export const timeText = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace('.000Z', 'Z')
