import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { runProcess } from '../local/owned-process.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** What a deploy would put on AWS, made by the app itself, so that the bench runs nothing else. */
export interface Synthesis {
  /** The one file of the replicate function. */
  readonly bundle: string
  /** The table of a link, but for its name. */
  readonly tableSchema: Omit<CreateTableCommandInput, 'TableName'>
}

interface Template {
  readonly Resources?: Readonly<Record<string, { Type: string; Properties?: Record<string, unknown> }>>
}

export const synthesise = async (folder: string): Promise<Synthesis> => {
  const assembly = join(folder, 'assembly')
  const path = `${dirname(process.execPath)}:${process.env.PATH ?? ''}`
  const context = JSON.stringify({ topology: 'local' })
  await runProcess(process.execPath, [join(ROOT, 'infra/app.ts')], {
    cwd: ROOT,
    env: { ...process.env, PATH: path, CDK_OUTDIR: assembly, CDK_CONTEXT_JSON: context },
  })
  const files = await readdir(assembly, { recursive: true })
  const bundle = files.find((file) => /asset\.[0-9a-f]+\/index\.mjs$/.test(file))
  if (bundle === undefined) throw new Error(`synthesising into ${assembly}: no function was bundled`)
  const templates = files.filter((file) => file.endsWith('.template.json'))
  return { bundle: join(assembly, bundle), tableSchema: await findTable(assembly, templates) }
}

const findTable = async (assembly: string, templates: readonly string[]): Promise<Synthesis['tableSchema']> => {
  for (const file of templates) {
    const { Resources = {} }: Template = JSON.parse(await readFile(join(assembly, file), 'utf8'))
    const table = Object.values(Resources).find(({ Type }) => Type === 'AWS::DynamoDB::Table')?.Properties
    if (table === undefined) continue
    const { AttributeDefinitions, KeySchema, LocalSecondaryIndexes, BillingMode } = table
    return { AttributeDefinitions, KeySchema, LocalSecondaryIndexes, BillingMode } as Synthesis['tableSchema']
  }
  throw new Error(`synthesising into ${assembly}: no template has a table`)
}
