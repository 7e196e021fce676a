import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

/** Which folders a folder may import from, besides itself. The first matching prefix of a file decides. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'shared/domain': [],
  'shared/usecases': ['shared/domain'],
  'shared/adapters': ['shared/domain', 'shared/usecases'],
  'shared/config': ['shared/domain'],
  functions: ['shared'],
  cli: ['shared', 'infra/topologies'],
  infra: ['shared/domain', 'shared/config'],
  local: ['shared', 'functions', 'cli', 'infra'],
  bench: ['shared', 'functions', 'cli', 'infra', 'local'],
  examples: [],
}

const IMPORT = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]/gm

interface Import {
  readonly file: string
  readonly to: string
  readonly typeOnly: boolean
}

const filesUnder = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))

const importsOf = (file: string): Import[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORT)].map((match) => {
    const specifier = match[2] ?? match[3] ?? ''
    const to = specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier
    return { file, to, typeOnly: match[1] !== undefined }
  })

const layerOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((layer) => file.startsWith(`${layer}/`))

const imports = Object.keys(MAY_IMPORT).flatMap(filesUnder).flatMap(importsOf)

describe('the direction of imports', () => {
  it('never points outwards', () => {
    const outwards = imports.filter(({ file, to }) => {
      const layer = layerOf(file)
      if (layer === undefined || !to.endsWith('.ts')) return false
      return ![layer, ...(MAY_IMPORT[layer] ?? [])].some((allowed) => to.startsWith(`${allowed}/`))
    })
    expect(outwards.map(({ file, to }) => `${file} must not import ${to}`)).toEqual([])
  })

  it('keeps packages out of domain and use cases, but for types', () => {
    const packages = imports.filter(
      ({ file, to, typeOnly }) => /^shared\/(domain|usecases)\//.test(file) && !to.endsWith('.ts') && !typeOnly,
    )
    expect(packages.map(({ file, to }) => `${file} must not import ${to}; take it as an argument`)).toEqual([])
  })

  it('keeps SDKs and Kafka clients inside the adapters', () => {
    const sdk = /^(@aws-sdk|@smithy|kafkajs)/
    const outside = imports.filter(
      ({ file, to }) => sdk.test(to) && !/^(shared\/adapters|local|bench|examples)\//.test(file),
    )
    expect(outside.map(({ file, to }) => `${file} must not import ${to}; put it behind a port`)).toEqual([])
  })

  it('has something to read', () => {
    expect(imports.length).toBeGreaterThan(5)
  })
})
