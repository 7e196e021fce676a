import { Duration, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { HeartbeatOrder } from '../../shared/domain/heartbeat/heartbeat-order.ts'
import { heartbeatName } from '../../shared/domain/link-names.ts'
import { heartbeatRights } from './heartbeat-rights.ts'
import { type FollowerProps, ScheduledFunction } from './scheduled-function.ts'

/** It runs all the time, and does next to nothing. */
const MEMORY_MIB = 256
/** Beats until two beats before the next invocation, and may take somewhat longer to end: a lease keeps the two apart. */
const TIMEOUT_MS = 62_000

/** The function that beats every second on the source of a link: an invocation a minute, each beating for that long. */
export class Heartbeat extends ScheduledFunction {
  constructor(scope: Construct, id: string, { topology: _, ...props }: FollowerProps) {
    const { link } = props
    const { partition, region, account } = Stack.of(scope)
    const order: HeartbeatOrder = { link }
    super(scope, id, {
      ...props,
      functionName: heartbeatName(link),
      description: `Beats on ${link.source.name} for ${link.name}`,
      code: 'heartbeat',
      every: Duration.minutes(1),
      keeps: `the heartbeats of ${link.name}`,
      memoryMiB: MEMORY_MIB,
      timeoutMs: TIMEOUT_MS,
      builtIn: { TWINSHORE_ORDER: JSON.stringify(order) },
      rights: heartbeatRights(link, { partition, region, account }),
    })
  }
}
