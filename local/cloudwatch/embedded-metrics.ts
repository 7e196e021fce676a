import type { DataPoint } from './metric.ts'

interface Directive {
  readonly Namespace: string
  readonly Dimensions: readonly (readonly string[])[]
  readonly Metrics: readonly { readonly Name: string; readonly Unit?: string; readonly StorageResolution?: number }[]
}

interface Metadata {
  readonly Timestamp: number
  readonly CloudWatchMetrics: readonly Directive[]
}

/** As many numbers as a metric may have in one line. */
const MOST_VALUES = 100

/** As many dimensions as a metric may have. */
const MOST_DIMENSIONS = 30

/**
 * What CloudWatch makes of a line of a function's log: every value of every metric under every set of dimensions, and
 * nothing of lines that are not in the embedded metric format. Throws on a line that CloudWatch would refuse: there it
 * is a metric that never arrives. Rules: "Specification: Embedded metric format" of the CloudWatch User Guide.
 */
export const dataPointsIn = (line: string): DataPoint[] => {
  const root = rootOf(line)
  const metadata = root?.['_aws'] as Metadata | undefined
  if (root === undefined || metadata === undefined) return []
  if (typeof metadata.Timestamp !== 'number') throw new Error('reading embedded metrics: there is no Timestamp')
  return metadata.CloudWatchMetrics.flatMap((directive) => pointsOf(directive, root, metadata.Timestamp))
}

const rootOf = (line: string): Readonly<Record<string, unknown>> | undefined => {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined // a text that happens to begin with a brace
    throw error
  }
}

const pointsOf = (
  { Namespace: namespace, Dimensions, Metrics }: Directive,
  root: Readonly<Record<string, unknown>>,
  atMs: number,
): DataPoint[] =>
  Dimensions.map((keys) => dimensionsOf(keys, root)).flatMap((dimensions) =>
    Metrics.flatMap(({ Name: name, Unit: unit = 'None', StorageResolution }) =>
      valuesOf(name, root[name]).map((value) => ({
        namespace,
        name,
        dimensions,
        unit,
        atMs,
        value,
        resolutionMs: StorageResolution === 1 ? 1_000 : 60_000,
      })),
    ),
  )

const dimensionsOf = (keys: readonly string[], root: Readonly<Record<string, unknown>>): Record<string, string> => {
  if (keys.length > MOST_DIMENSIONS) throw new Error(`reading embedded metrics: ${keys.length} dimensions are too many`)
  return Object.fromEntries(
    keys.map((key) => {
      const value = root[key]
      if (typeof value !== 'string' || value === '')
        throw new Error(`reading embedded metrics: dimension ${key} has no text for a value`)
      return [key, value]
    }),
  )
}

const valuesOf = (name: string, value: unknown): readonly number[] => {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  const isNumeric = values.every((each): each is number => typeof each === 'number' && Number.isFinite(each))
  if (!isNumeric || values.length > MOST_VALUES)
    throw new Error(`reading embedded metrics: ${name} is not a number, nor a list of at most ${MOST_VALUES} numbers`)
  return values
}
