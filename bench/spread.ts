/** The figures of repeated runs; never empty. */
export type Sample = readonly [number, ...number[]]

export const sampleOf = (figures: readonly number[]): Sample => {
  const [first, ...others] = figures
  if (first === undefined) throw new RangeError('nothing was measured')
  return [first, ...others]
}

export const median = (sample: Sample): number => {
  const sorted = sample.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? sample[0]
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

/** The smallest figure that `share` of all are not above, by nearest rank. */
export const percentile = (sample: Sample, share: number): number => {
  const sorted = sample.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? sample[0]
}

/** Run by run, so that a slow minute of the machine weighs on both sides of a ratio. */
export const ratios = (ours: Sample, theirs: Sample): Sample =>
  sampleOf(ours.slice(0, theirs.length).map((figure, run) => figure / (theirs[run] ?? Number.NaN)))

/** Three significant digits, but never fewer than the whole number has. */
export const formatFigure = (figure: number): string => {
  if (Math.abs(figure) >= 100) return Math.round(figure).toLocaleString('en-US')
  return figure.toFixed(Math.abs(figure) >= 10 ? 1 : 2)
}

/** `median (min–max)`; a single run has no spread. */
export const formatSpread = (sample: Sample): string => {
  const middle = formatFigure(median(sample))
  if (sample.length === 1) return middle
  return `${middle} (${formatFigure(Math.min(...sample))}–${formatFigure(Math.max(...sample))})`
}
