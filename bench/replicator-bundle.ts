import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { runProcess } from '../local/machine/owned-process.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** The one file of the replicate function, bundled by the app itself, so that the bench runs what a deploy would put on AWS. */
export const bundleReplicator = async (folder: string): Promise<string> => {
  const assembly = join(folder, 'assembly')
  const path = `${dirname(process.execPath)}:${process.env.PATH ?? ''}`
  await runProcess(process.execPath, [join(ROOT, 'infra/app.ts')], {
    cwd: ROOT,
    env: { ...process.env, PATH: path, CDK_OUTDIR: assembly, CDK_CONTEXT_JSON: JSON.stringify({ topology: 'local' }) },
  })
  const files = await readdir(assembly, { recursive: true })
  const bundle = files.find((file) => /asset\.[0-9a-f]+\/index\.mjs$/.test(file))
  if (bundle === undefined) throw new Error(`synthesising into ${assembly}: no function was bundled`)
  return join(assembly, bundle)
}
