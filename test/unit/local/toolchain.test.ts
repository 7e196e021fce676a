import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepOnce } from '../../../local/download-cache.ts'
import { differences, parseHashes } from '../../../local/toolchain.ts'

const hash = (digit: string): string => digit.repeat(64)

describe('fetched files', () => {
  const expected = parseHashes(`${hash('a')}  one.jar\n${hash('b')} *two words.jar\n`)

  it('are right when names and contents are those of the list', () => {
    expect(
      differences(
        expected,
        new Map([
          ['one.jar', hash('a')],
          ['two words.jar', hash('b')],
        ]),
      ),
    ).toEqual([])
  })

  it('are wrong when one is missing, altered or not on the list', () => {
    expect(
      differences(
        expected,
        new Map([
          ['one.jar', hash('c')],
          ['three.jar', hash('b')],
        ]),
      ),
    ).toEqual(['two words.jar is missing', 'three.jar is not on the list', 'one.jar has other contents'])
  })
})

describe('the download cache', () => {
  let home: string
  let pin: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'twinshore-cache-'))
    vi.stubEnv('XDG_CACHE_HOME', home)
    pin = join(home, 'pin')
    await writeFile(pin, 'version 1')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(home, { recursive: true })
  })
  const keep = (fill: (folder: string) => Promise<void>): Promise<string> =>
    keepOnce('thing', [pin], () => undefined, fill)
  const nothing = async (): Promise<void> => undefined

  it('fills a folder once, also for two callers at once', async () => {
    const fill = vi.fn(nothing)
    const [first, second] = await Promise.all([keep(fill), keep(fill)])
    expect(await keep(fill)).toBe(first)
    expect(second).toBe(first)
    expect(fill).toHaveBeenCalledTimes(1)
  })

  it('fills another folder when the pin changes', async () => {
    const first = await keep(nothing)
    await writeFile(pin, 'version 2')
    expect(await keep(nothing)).not.toBe(first)
  })

  it('takes the folder of a process that was faster, and leaves nothing of its own', async () => {
    const kept = await keep(async () => {
      const { cacheFolder } = await import('../../../local/download-cache.ts')
      const [unfinished = ''] = await readdir(cacheFolder())
      const faster = join(cacheFolder(), await nameWithHash())
      await writeFile(join(cacheFolder(), unfinished, 'mine'), '')
      await import('node:fs/promises').then(({ mkdir }) => mkdir(faster))
      await writeFile(join(faster, 'theirs'), '')
    })
    expect(await readdir(kept)).toEqual(['theirs'])
    expect(await readdir(join(home, 'twinshore'))).toHaveLength(1)
  })

  it('keeps nothing when filling fails, and tries again at the next call', async () => {
    await expect(keep(() => Promise.reject(new Error('no network')))).rejects.toThrow('no network')
    expect(await readdir(join(home, 'twinshore'))).toEqual([])
    await expect(keep(nothing)).resolves.toContain('thing')
  })

  const nameWithHash = async (): Promise<string> => {
    const { createHash } = await import('node:crypto')
    return `thing-${createHash('sha256').update('version 1').digest('hex').slice(0, 12)}`
  }
})
