import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import { runProcess, startProcess } from '../../local/machine/owned-process.ts'

const OWNER = join(import.meta.dirname, '../support/owner.ts')

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const startOwner = async (): Promise<{ owner: ChildProcess; pids: number[] }> => {
  const owner = spawn(process.execPath, [OWNER], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(owner.stdout, 'data')
  return { owner, pids: String(line).trim().split(' ').map(Number) }
}

const untilGone = (pids: readonly number[]): Promise<true> =>
  eventually(`the processes ${pids} to be gone`, () => !pids.some(isRunning), { withinMs: 20_000 })

describe('an owned process', () => {
  it.each([
    ['killed with SIGKILL', (owner: ChildProcess) => owner.kill('SIGKILL')],
    ['interrupted by Ctrl-C', (owner: ChildProcess) => owner.kill('SIGINT')],
    ['asked to end with SIGTERM', (owner: ChildProcess) => owner.kill('SIGTERM')],
    ['done', (owner: ChildProcess) => owner.stdin?.write('end\n')],
  ])('ends with what it started when its owner is %s', async (_how, end) => {
    const { owner, pids } = await startOwner()
    expect(pids.filter(isRunning)).toHaveLength(2)
    end(owner)
    await expect(untilGone(pids)).resolves.toBe(true)
  })

  it('takes along what it started when it is killed itself', async () => {
    let output = ''
    const parent = startProcess('sh', ['-c', 'sleep 600 & echo $!; wait'], { onOutput: (text) => (output += text) })
    const child = Number(await eventually('the pid', () => output.trim() || undefined, { withinMs: 20_000 }))
    parent.signal('SIGKILL')
    await untilGone([parent.pid, child])
  })

  it('is killed after the grace when it does not end by itself', async () => {
    let output = ''
    const stubborn = startProcess('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], {
      onOutput: (text) => (output += text),
    })
    await eventually('the trap', () => output.includes('ready'), { withinMs: 20_000 })
    expect(await stubborn.stop({ graceMs: 100 })).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('returns what a command printed, and throws with it when the command failed', async () => {
    expect(await runProcess('sh', ['-c', 'echo all good'])).toBe('all good\n')
    await expect(runProcess('sh', ['-c', 'echo no luck >&2; exit 3'])).rejects.toThrow(/ended with 3\nno luck/)
  })
})
