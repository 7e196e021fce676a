import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { UsageError } from '../../cli/usage-error.ts'
import { eventually } from '../machine/eventually.ts'
import { runProcess } from '../machine/owned-process.ts'
import type { WorldDescription } from './world-description.ts'

/** All worlds of this clone, a folder each. */
const WORLDS = resolve(import.meta.dirname, '../../.worlds')

const NAME = /^[a-z0-9][a-z0-9-]{0,30}$/
/** Stacks on an AWS that is not ours are destroyed on the way. */
const END_WITHIN_MS = 90_000
const KILLED_WITHIN_MS = 5_000

/** Throws when a world cannot be called so. */
export const worldFolder = (name: string): string => {
  if (!NAME.test(name)) throw new UsageError(`naming a world ${name}: a name is 1 to 31 of a-z, 0-9 and -`)
  return join(WORLDS, name)
}

const keeperFile = (folder: string): string => join(folder, 'keeper.pid')
const descriptionFile = (folder: string): string => join(folder, 'world.json')

export const writeKeeper = (folder: string, pid: number): Promise<void> => writeFile(keeperFile(folder), String(pid))

/** Whoever reads it gets all of it or nothing. */
export const writeDescription = async (description: WorldDescription): Promise<void> => {
  const file = descriptionFile(description.folder)
  await writeFile(`${file}.new`, JSON.stringify(description, undefined, 2), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

const readIfThere = async (file: string): Promise<string | undefined> =>
  existsSync(file) ? readFile(file, 'utf8') : undefined

/** A pid is given again by and by, so the command must be that of a keeper of this very folder. */
const keeps = async (pid: number, folder: string): Promise<boolean> => {
  try {
    const command = await runProcess('ps', ['-p', String(pid), '-o', 'args='])
    return command.includes('keeper.ts') && command.includes(folder)
  } catch {
    return false // ps fails when there is no such process
  }
}

export type WorldState =
  | { readonly kind: 'absent' }
  /** Its keeper has ended; only data is left. */
  | { readonly kind: 'left-over' }
  | { readonly kind: 'starting'; readonly keeper: number }
  | { readonly kind: 'up'; readonly keeper: number; readonly description: WorldDescription }

export const stateOfWorld = async (folder: string): Promise<WorldState> => {
  if (!existsSync(folder)) return { kind: 'absent' }
  const keeper = Number(await readIfThere(keeperFile(folder)))
  if (!(keeper > 0 && (await keeps(keeper, folder)))) return { kind: 'left-over' }
  const description = await readIfThere(descriptionFile(folder))
  return description === undefined
    ? { kind: 'starting', keeper }
    : { kind: 'up', keeper, description: JSON.parse(description) }
}

export const namesOfWorlds = async (): Promise<string[]> => (existsSync(WORLDS) ? readdir(WORLDS) : [])

const hasEnded = (keeper: number, folder: string, withinMs: number): Promise<boolean> =>
  eventually(`the keeper ${keeper} to end`, async () => !(await keeps(keeper, folder)), {
    withinMs,
    everyMs: 100,
  }).then(
    () => true,
    () => false,
  )

/** Ends a world, whatever state it is in, and removes its data; says whether there was one. */
export const removeWorld = async (folder: string): Promise<boolean> => {
  const state = await stateOfWorld(folder)
  if (state.kind === 'absent') return false
  if (state.kind !== 'left-over') {
    process.kill(state.keeper, 'SIGTERM')
    if (!(await hasEnded(state.keeper, folder, END_WITHIN_MS))) {
      process.kill(state.keeper, 'SIGKILL') // its reaper ends the rest
      await hasEnded(state.keeper, folder, KILLED_WITHIN_MS)
    }
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  return true
}
