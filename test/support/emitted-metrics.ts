interface Directive {
  readonly Namespace: string
  readonly Dimensions: readonly (readonly string[])[]
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[]
}

type EmbeddedMetrics = Readonly<Record<string, unknown>> & {
  readonly _aws: { readonly CloudWatchMetrics: readonly Directive[] }
}

/** One value as CloudWatch takes it in. */
export interface EmittedMetric {
  readonly namespace: string
  readonly name: string
  readonly unit: string
  readonly dimensions: Readonly<Record<string, unknown>>
  readonly value: unknown
}

const isMetrics = (parsed: object): parsed is EmbeddedMetrics => '_aws' in parsed

/** What CloudWatch makes of a line of a function's log: every metric under every set of dimensions; of other lines nothing. */
export const metricsIn = (line: string): EmittedMetric[] => {
  if (!line.startsWith('{')) return []
  const parsed: object = JSON.parse(line)
  if (!isMetrics(parsed)) return []
  return parsed._aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((set) =>
      Metrics.map(({ Name: name, Unit: unit }) => ({
        namespace,
        name,
        unit,
        dimensions: Object.fromEntries(set.map((dimension) => [dimension, parsed[dimension]])),
        value: parsed[name],
      })),
    ),
  )
}
