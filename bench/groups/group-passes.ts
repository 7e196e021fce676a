import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../local/machine/eventually.ts'
import { freePort } from '../../local/machine/free-port.ts'
import { startProcess } from '../../local/machine/owned-process.ts'
import type { GroupOrder } from '../../shared/domain/groups/group-order.ts'
import type { GroupPassFigures, GroupPassJob } from './group-pass-server.ts'

/** The function that moves the groups of one link, warm. */
export interface PassProcess {
  /** One pass; throws when it fails. */
  pass(): Promise<GroupPassFigures>
  stop(): Promise<void>
}

const SERVER = join(import.meta.dirname, 'group-pass-server.ts')
/** As the deployed function is given its memory. */
const NODE_OPTIONS = ['--max-old-space-size=400']
const LISTENS_WITHIN_MS = 30_000

export const startPasses = async (
  order: GroupOrder,
  { folder, environment }: { readonly folder: string; readonly environment: GroupPassJob['environment'] },
): Promise<PassProcess> => {
  const port = await freePort()
  const job: GroupPassJob = { order, environment, port }
  const logFile = join(folder, `${order.link.name}-passes-${port}.log`)
  const server = startProcess(process.execPath, [...NODE_OPTIONS, SERVER, JSON.stringify(job)], { logFile })
  const isListening = async (): Promise<boolean> => (await readFile(logFile, 'utf8')).includes('listening')
  await eventually(`what moves groups to listen, see ${logFile}`, isListening, { withinMs: LISTENS_WITHIN_MS })
  return {
    pass: async () => {
      const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST' })
      if (response.ok) return (await response.json()) as GroupPassFigures
      throw new Error(`moving the groups of ${order.link.name}: ${await response.text()}`)
    },
    stop: () => server.stop().then(() => undefined),
  }
}
