import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

/** What `npm run …` gives to Node. */
export const argumentsOfScript = (name: 'demo' | 'local' | 'bench'): readonly string[] => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const [command, ...args] = String(scripts[name]).split(' ')
  if (command !== 'node') throw new Error(`npm run ${name} starts ${command} instead of node`)
  return args.map((arg) => (arg.endsWith('.ts') ? join(ROOT, arg) : arg))
}
