import { createServer } from 'node:http'
import { connectGroupSync } from '../../shared/adapters/group-sync-connections.ts'
import { startDeadline } from '../../shared/adapters/running-deadline.ts'
import type { GroupOrder } from '../../shared/domain/groups/group-order.ts'
import { groupPassReport } from '../../shared/usecases/groups/group-report.ts'
import { syncGroups } from '../../shared/usecases/groups/sync-groups.ts'
import { peakMemoryBytes, Stopwatch } from '../stopwatch.ts'
import { BENCH_PLACE } from '../topics/bench-link.ts'
import { RequestCount } from '../topics/request-count.ts'

export interface GroupPassJob {
  readonly order: GroupOrder
  readonly environment: Readonly<Record<string, string>>
  readonly port: number
}

/** What one pass took. */
export interface GroupPassFigures {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly groupsMoved: number
  readonly positionsMoved: number
  readonly faulted: number
  readonly troubles: readonly string[]
  readonly requests: Readonly<Record<string, number>>
  /** Of the process, so far. */
  readonly peakMemoryBytes: number
}

/** As the deployed function has it: its timeout, less what is left to answering. */
const DEADLINE_MS = 53_000

/** Passes over the groups of a link in a process of their own, one for each POST: `node group-pass-server.ts <job as JSON>`. */
const { order, environment, port }: GroupPassJob = JSON.parse(process.argv[2] ?? '')
Object.assign(process.env, environment)
const requests = new RequestCount()
const connected = connectGroupSync(order, BENCH_PLACE)

const passOnce = async (): Promise<GroupPassFigures> => {
  const watch = new Stopwatch()
  const deadline = startDeadline(DEADLINE_MS)
  const report = groupPassReport(await watch.measureAsync(() => syncGroups(deadline, connected)))
  deadline.end()
  const { groupsMoved, positionsMoved, faulted, troubles } = report
  const { seconds, cpuSeconds } = watch
  const counts = { groupsMoved, positionsMoved, faulted: faulted.length, troubles }
  return { seconds, cpuSeconds, ...counts, requests: requests.take(), peakMemoryBytes: peakMemoryBytes() }
}

createServer((request, response) => {
  request.resume()
  passOnce().then(
    (figures) => response.writeHead(200).end(JSON.stringify(figures)),
    (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
  )
}).listen(port, '127.0.0.1', () => console.log('listening'))
