const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const SIMPLE: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: sum,
  Average: (values) => sum(values) / values.length,
  Minimum: (values) => values.reduce((least, value) => Math.min(least, value)),
  Maximum: (values) => values.reduce((most, value) => Math.max(most, value)),
  SampleCount: (values) => values.length,
}

const PERCENTILE = /^p(\d{1,2}(?:\.\d+)?|100)$/

/** AWS does not say how it places a percentile between two values; here on the line from one to the other. */
const percentile = (values: readonly number[], share: number): number => {
  const ascending = values.toSorted((a, b) => a - b)
  const rank = (ascending.length - 1) * share
  const below = ascending[Math.floor(rank)] ?? Number.NaN
  const above = ascending[Math.ceil(rank)] ?? Number.NaN
  return below + (above - below) * (rank - Math.floor(rank))
}

/** The statistic that CloudWatch calls `name`, of at least one value. Throws on one that is not known here. */
export const statisticNamed = (name: string): ((values: readonly number[]) => number) => {
  const simple = SIMPLE[name]
  if (simple !== undefined) return simple
  const [, percent] = PERCENTILE.exec(name) ?? []
  if (percent === undefined) throw new Error(`the statistic ${name} is not supported`)
  return (values) => percentile(values, Number(percent) / 100)
}
