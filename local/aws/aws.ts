import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Say } from '../machine/download-cache.ts'
import { eventually } from '../machine/eventually.ts'
import { freePort } from '../machine/free-port.ts'
import { runProcess, startProcess } from '../machine/owned-process.ts'
import { ministackPython } from '../machine/toolchain.ts'
import { LOCAL_ACCOUNT } from './gateway/mapping-configuration.ts'
import type { MappingDelays } from './gateway/mappings.ts'
import { type Gateway, startGateway } from './gateway.ts'

/** A local AWS behind our gateway. It ends at the latest with the process that started it. */
export interface LocalAws {
  /** The gateway: the endpoint of all AWS services. */
  readonly url: string
  readonly gateway: Gateway
  /** Kills the processes that run Lambda functions now, with SIGKILL, and says how many there were. */
  killFunctions(): Promise<number>
  stop(): Promise<void>
}

export interface AwsOptions {
  /** State, code of functions and the log go to `<folder>/aws`. */
  readonly folder: string
  readonly delays?: MappingDelays
  /** Told what is fetched; by default standard error is. */
  readonly say?: Say
}

const READY_WITHIN_MS = 30_000
const STOP_GRACE_MS = 3_000

/** Every client of the local AWS uses these; the CDK CLI remembers accounts by key, so the key is nobody else's. */
export const LOCAL_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: LOCAL_ACCOUNT,
  AWS_SECRET_ACCESS_KEY: 'twinshore-local',
} as const

/**
 * Nothing of the user's environment but what a process needs to run: functions inherit it. They find the Node that runs
 * this first on the path, and take the gateway for AWS.
 */
const cleanEnvironment = (folder: string, port: number, gatewayPort: number): NodeJS.ProcessEnv => ({
  PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
  HOME: folder,
  TMPDIR: join(folder, 'tmp'),
  LANG: 'C.UTF-8',
  GATEWAY_PORT: String(port),
  BIND_HOST: '127.0.0.1',
  PERSIST_STATE: '0',
  STATE_DIR: join(folder, 'state'),
  AWS_ENDPOINT_URL: `http://127.0.0.1:${gatewayPort}`,
})

/** Functions lie below it. Like in Lambda their `.js` files are CommonJS, whatever the package is that a world lies in. */
const prepareHome = async (home: string): Promise<void> => {
  await mkdir(join(home, 'tmp'), { recursive: true })
  await writeFile(join(home, 'package.json'), '{}')
}

const isHealthy = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/_ministack/health`, { signal: AbortSignal.timeout(2_000) })).ok
  } catch {
    return false // not listening yet
  }
}

/** Processes that a process started, with the command that each runs. */
const childrenOf = async (parent: number): Promise<{ pid: number; command: string }[]> => {
  const table = await runProcess('ps', ['-A', '-o', 'pid=,ppid=,args='])
  return [...table.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)]
    .filter(([, , ppid]) => Number(ppid) === parent)
    .map(([, pid, , command = '']) => ({ pid: Number(pid), command }))
}

const FUNCTION_WORKER = /\/_worker\.[a-z]+$/

const killFunctionsOf = async (parent: number): Promise<number> => {
  const workers = (await childrenOf(parent)).filter(({ command }) => FUNCTION_WORKER.test(command))
  for (const { pid } of workers) process.kill(pid, 'SIGKILL')
  return workers.length
}

/** Starts ministack and the gateway in front of it, and returns when both answer. */
export const startAws = async ({ folder, delays, say }: AwsOptions): Promise<LocalAws> => {
  const python = await ministackPython(say)
  const home = join(folder, 'aws')
  await prepareHome(home)
  const port = await freePort()
  const gatewayPort = await freePort()
  const logFile = join(home, 'aws.log')
  const running = startProcess(python, ['-m', 'ministack'], {
    cwd: home,
    env: cleanEnvironment(home, port, gatewayPort),
    logFile,
  })
  const upstream = new URL(`http://127.0.0.1:${port}`)
  try {
    await eventually(`the local AWS, see ${logFile}`, () => isHealthy(upstream.origin), { withinMs: READY_WITHIN_MS })
    const gateway = await startGateway({ port: gatewayPort, upstream, ...(delays !== undefined && { delays }) })
    const stop = async (): Promise<void> => {
      await gateway.mappings.stopPolling()
      await gateway.close()
      await running.stop({ graceMs: STOP_GRACE_MS })
    }
    return { url: gateway.url, gateway, killFunctions: () => killFunctionsOf(running.pid), stop }
  } catch (error) {
    await running.kill()
    throw error
  }
}
