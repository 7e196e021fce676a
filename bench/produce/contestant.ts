import { printFigures } from '../measured-process.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'

/** One contestant in a process of its own: `node contestant.ts <job as JSON>`. Loads nothing that another one needs. */
const CLIENTS: Readonly<Record<string, () => Promise<(job: ContestJob) => Promise<ContestFigures>>>> = {
  twinshore: async () => (await import('./twinshore.ts')).contendTwinshore,
  kafkajs: async () => (await import('./kafkajs.ts')).contendKafkajs,
  platformatic: async () => (await import('./platformatic.ts')).contendPlatformatic,
}

const job = JSON.parse(process.argv[2] ?? '') as ContestJob
const load = CLIENTS[job.client]
if (load === undefined) throw new RangeError(`there is no client ${job.client}`)
const contend = await load()
printFigures(await contend(job))
process.exit(0)
