import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { README_TABLES } from '../support/readme-tables.ts'

const ROOT = join(import.meta.dirname, '../..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

const between = (name: string): string | undefined =>
  new RegExp(`<!-- ${name} -->\\n([\\s\\S]*?)\\n?<!-- /${name} -->`).exec(readme)?.[1]

describe('the README', () => {
  it.each(Object.entries(README_TABLES))('has the %s as the code has them', (name, table) => {
    expect(between(name)).toBe(table)
  })

  it('names commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const named = [...readme.matchAll(/npm run ([a-z]+)/g)].map(([, script]) => script)
    expect(named.length).toBeGreaterThan(3)
    for (const script of named) expect(Object.keys(scripts)).toContain(script)
  })
})
