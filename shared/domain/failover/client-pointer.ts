import type { FailoverCluster } from './failover-order.ts'

/**
 * What clients of a pair follow: which cluster is the active one, how to reach it, and whether it may be written to now. A
 * client that has seen one ignores those of a lower epoch.
 */
export interface ClientPointer {
  readonly pair: string
  /** The name of the active cluster in the topology. */
  readonly cluster: string
  readonly bootstrapServers: readonly string[]
  /** `false` from the moment at which a failover fences the cluster until the other one is active, or the fence is lifted. */
  readonly mayWrite: boolean
  readonly epoch: number
  readonly execution: string
  /** When that execution was started, milliseconds since 1970: a failover that was rolled back leaves its epoch to the next. */
  readonly startedAt: number
}

/** Who is the active cluster, of which failover. */
export interface PointerCause {
  readonly pair: string
  readonly epoch: number
  readonly execution: string
  readonly startedAt: number
}

export const clientPointer = (
  { pair, epoch, execution, startedAt }: PointerCause,
  { cluster, access }: Pick<FailoverCluster, 'cluster' | 'access'>,
  mayWrite: boolean,
): ClientPointer => ({
  pair,
  cluster,
  bootstrapServers: access.bootstrapServers,
  mayWrite,
  epoch,
  execution,
  startedAt,
})

/**
 * Whether `one` is later than `other`: by epoch, then by the start of the execution. One execution closes a cluster before it
 * opens one, so that what is open is the later one of two.
 */
export const isLater = (one: ClientPointer, other: ClientPointer): boolean => {
  if (one.epoch !== other.epoch) return one.epoch > other.epoch
  if (one.execution === other.execution) return one.mayWrite && !other.mayWrite
  return one.startedAt > other.startedAt
}

/** Whether both say the same of one execution; at the first contact its start is not known any more. */
export const saysTheSame = (one: ClientPointer, other: ClientPointer): boolean =>
  pointerText({ ...one, startedAt: 0 }) === pointerText({ ...other, startedAt: 0 })

export const pointerText = (pointer: ClientPointer): string => JSON.stringify(pointer)

/** `undefined`: it is none, as before the first failover. */
export const parsePointer = (text: string): ClientPointer | undefined => {
  const value = parsed(text)
  if (typeof value !== 'object' || value === null) return undefined
  const { pair, cluster, bootstrapServers, mayWrite, epoch, execution, startedAt }: Loose = value
  if (typeof pair !== 'string' || typeof cluster !== 'string' || typeof execution !== 'string') return undefined
  if (typeof epoch !== 'number' || typeof startedAt !== 'number' || typeof mayWrite !== 'boolean') return undefined
  if (!Array.isArray(bootstrapServers)) return undefined
  return { pair, cluster, bootstrapServers: bootstrapServers.map(String), mayWrite, epoch, execution, startedAt }
}

type Loose = { readonly [Field in keyof ClientPointer]?: unknown }

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
