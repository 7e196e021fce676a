import type { DataPoint } from './metric.ts'

export interface Invocation {
  readonly functionName: string
  readonly atMs: number
  readonly outcome: 'succeeded' | 'failed' | 'throttled'
  readonly durationMs?: number
}

/**
 * What Lambda itself measures of one invocation, under the name of the function ("Types of metrics for Lambda functions"
 * of the Lambda Developer Guide). A throttled request is neither an invocation nor an error. An invocation counts with the
 * time when it began.
 */
export const invocationPoints = ({ functionName, atMs, outcome, durationMs }: Invocation): DataPoint[] => {
  const point = (name: string, value: number, unit = 'Count'): DataPoint => ({
    namespace: 'AWS/Lambda',
    name,
    dimensions: { FunctionName: functionName },
    unit,
    atMs,
    value,
    resolutionMs: 60_000,
  })
  if (outcome === 'throttled') return [point('Throttles', 1)]
  return [
    point('Invocations', 1),
    point('Errors', outcome === 'failed' ? 1 : 0),
    point('Throttles', 0),
    ...(durationMs === undefined ? [] : [point('Duration', durationMs, 'Milliseconds')]),
  ]
}
