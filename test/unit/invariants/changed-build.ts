import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { compileFunction } from 'node:vm'
import { build, type Plugin } from 'esbuild'

const ROOT = resolve(import.meta.dirname, '../../..')

/** A change of the source: `find` stands in `file` exactly once, and becomes `put`. */
export interface Change {
  readonly file: string
  readonly find: string
  readonly put: string
}

const changing = (changes: readonly Change[]): Plugin => ({
  name: 'changing',
  setup: ({ onLoad }) => {
    for (const file of new Set(changes.map((change) => change.file))) {
      const path = join(ROOT, file)
      onLoad({ filter: /\.ts$/ }, async (loaded) => {
        if (loaded.path !== path) return undefined
        const source = await readFile(path, 'utf8')
        return { loader: 'ts', contents: changes.filter((change) => change.file === file).reduce(changed, source) }
      })
    }
  },
})

/** A change that does not fit any more would leave the code as it is, and prove nothing. */
const changed = (source: string, { file, find, put }: Change): string => {
  const [before, after, ...more] = source.split(find)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`changing ${file}: it has to hold this exactly once: ${find}`)
  return before + put + after
}

/** A module of this folder and all of the code under it, built anew with these changes, beside the code as it is. */
export const buildWith = async <Module>(entry: string, changes: readonly Change[]): Promise<Module> => {
  const path = join(import.meta.dirname, entry)
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    write: false,
    logLevel: 'silent',
    plugins: [changing(changes)],
  })
  const exports = {}
  const module: { exports: unknown } = { exports }
  compileFunction(outputFiles[0]?.text ?? '', ['module', 'exports', 'require'])(module, exports, createRequire(path))
  return module.exports as Module
}
