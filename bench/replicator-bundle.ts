import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { runProcess } from '../local/machine/owned-process.ts'

const ROOT = resolve(import.meta.dirname, '..')

interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Properties?: { readonly FunctionName?: unknown; readonly Code?: { S3Key?: unknown } } }>
  >
}

/** The hash of the code of the replicate function, where a template has it. */
const codeIn = ({ Resources: resources }: Template): string | undefined => {
  const found = Object.values(resources).find(({ Properties }) => /-replicate$/.test(`${Properties?.FunctionName}`))
  const key = found?.Properties?.Code?.S3Key
  return typeof key === 'string' ? key.replace(/\.zip$/, '') : undefined
}

/** The one file of the replicate function, bundled by the app itself, so that the bench runs what a deploy would put on AWS. */
export const bundleReplicator = async (folder: string): Promise<string> => {
  const assembly = join(folder, 'assembly')
  const path = `${dirname(process.execPath)}:${process.env.PATH ?? ''}`
  await runProcess(process.execPath, [join(ROOT, 'infra/app.ts')], {
    cwd: ROOT,
    env: { ...process.env, PATH: path, CDK_OUTDIR: assembly, CDK_CONTEXT_JSON: JSON.stringify({ topology: 'local' }) },
  })
  const files = await readdir(assembly, { recursive: true })
  const templates = files.filter((file) => file.endsWith('.template.json'))
  for (const template of templates) {
    const code = codeIn(JSON.parse(await readFile(join(assembly, template), 'utf8')))
    if (code !== undefined) return join(assembly, `asset.${code}`, 'index.mjs')
  }
  throw new Error(`synthesising into ${assembly}: there is no replicate function in ${templates.join(', ')}`)
}
