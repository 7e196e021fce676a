import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Tells the user what is going on, in one line. */
export type Say = (line: string) => void

export const sayOnStderr: Say = (line) => void process.stderr.write(`${line}\n`)

const HASH_CHARACTERS = 12
const ABANDONED_AFTER_MS = 86_400_000

/** Shared by all clones of the repository of one user. */
export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'twinshore')

const underWay = new Map<string, Promise<string>>()

/**
 * The folder `<name>-<hash of the pin files>` in the cache, filled at the first call. It is filled under another name
 * and renamed when whole: a second process that does the same at the same time gets the folder of whoever was faster.
 */
export const keepOnce = (
  name: string,
  pinFiles: readonly string[],
  say: Say,
  fill: (folder: string) => Promise<void>,
): Promise<string> => {
  const key = `${cacheFolder()} ${name}`
  const running = underWay.get(key)
  if (running !== undefined) return running
  const kept = keep(name, pinFiles, say, fill).finally(() => underWay.delete(key))
  underWay.set(key, kept)
  return kept
}

const keep = async (
  name: string,
  pinFiles: readonly string[],
  say: Say,
  fill: (folder: string) => Promise<void>,
): Promise<string> => {
  const cache = cacheFolder()
  const folder = join(cache, `${name}-${await hashOf(pinFiles)}`)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  await removeAbandoned(cache, name)
  const unfinished = await mkdtemp(join(cache, `.${name}-`))
  try {
    say(`fetching ${name} into ${folder} (once)`)
    await fill(unfinished)
    await renameUnlessThere(unfinished, folder)
    return folder
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** What a process left that was killed in the middle; what is younger may be somebody's who is at it. */
const removeAbandoned = async (cache: string, name: string): Promise<void> => {
  for (const entry of await readdir(cache)) {
    if (!entry.startsWith(`.${name}-`)) continue
    const { mtimeMs } = await stat(join(cache, entry))
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(join(cache, entry), { recursive: true, force: true })
  }
}

const renameUnlessThere = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}

const hashOf = async (files: readonly string[]): Promise<string> => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, HASH_CHARACTERS)
}
