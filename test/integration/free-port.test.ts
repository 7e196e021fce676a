import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import { freePort } from '../../local/machine/free-port.ts'

const MODULE = join(import.meta.dirname, '../../local/machine/free-port.ts')
/** Another run of this test has others. */
const lowest = 30_000 + 100 * randomInt(27)
/** So few that whoever chooses by chance would meet. */
const FEW = { lowest, highest: lowest + 39 }
const EACH = 6

/** Takes ports, tells which, and listens on none of them for as long as it lives. */
const TAKER = `
  const { freePort } = await import(${JSON.stringify(MODULE)})
  const ports = []
  for (let taken = 0; taken < ${EACH}; taken++) ports.push(await freePort(${JSON.stringify(FEW)}))
  process.stdout.write(JSON.stringify(ports))
  process.stdin.resume()
`

const takers: ChildProcess[] = []
afterEach(() => {
  for (const taker of takers.splice(0)) taker.kill('SIGKILL')
})

const takeElsewhere = async (): Promise<readonly number[]> => {
  const taker = spawn(process.execPath, ['--input-type=module', '-e', TAKER], { stdio: ['pipe', 'pipe', 'inherit'] })
  takers.push(taker)
  const [told] = await once(taker.stdout, 'data')
  return JSON.parse(String(told))
}

const takeAll = async (taken: number[] = []): Promise<readonly number[]> => {
  try {
    return await takeAll([...taken, await freePort(FEW)])
  } catch {
    return taken
  }
}

describe('free ports', () => {
  it('are given once while several processes take some, and again when one of them was killed', async () => {
    const elsewhere = (await Promise.all([takeElsewhere(), takeElsewhere(), takeElsewhere()])).flat()
    expect(new Set(elsewhere).size).toBe(3 * EACH)
    const here = await takeAll()
    expect(new Set([...here, ...elsewhere]).size).toBe(here.length + elsewhere.length)
    await expect(freePort(FEW)).rejects.toThrow('all are taken')
    takers[0]?.kill('SIGKILL')
    const again = await eventually(
      'ports of a dead process to be free',
      () => freePort(FEW).catch(() => false as const),
      {
        withinMs: 10_000,
      },
    )
    expect(elsewhere.slice(0, EACH)).toContain(again)
  })

  it('are those that nobody listens on, and that can be listened on', async () => {
    const [one, two, three] = [lowest + 40, lowest + 42, lowest + 44]
    const few = { lowest: one, highest: three + 1 }
    const others = createServer().listen(two, '127.0.0.1')
    await once(others, 'listening')
    expect([await freePort(few), await freePort(few)].sort()).toEqual([one, three])
    await expect(freePort(few)).rejects.toThrow('all are taken')
    others.close()
    await once(others, 'close')
    expect(await freePort(few)).toBe(two)
    const ours = createServer().listen(two, '127.0.0.1')
    await once(ours, 'listening')
    ours.close()
  })
})
