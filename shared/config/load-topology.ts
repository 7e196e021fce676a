import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ReplicationError } from '../domain/errors.ts'
import type { Topology } from '../domain/topology/topology.ts'

/** Where installations keep their topologies, a file each, named as `-c topology=<name>` and `--topology <name>` name them. */
export const TOPOLOGIES = join(import.meta.dirname, '../../infra/topologies')

/** Throws `CONFIG_INVALID`: there is no such topology, or all the mistakes that it has. */
export const loadTopology = async (name: string, folder = TOPOLOGIES): Promise<Topology> => {
  const names = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''))
  if (!names.includes(name)) {
    throw new ReplicationError(
      'CONFIG_INVALID',
      `choosing the topology ${name}: infra/topologies/ has ${names.join(', ')}`,
    )
  }
  const { topology }: { topology: Topology } = await import(pathToFileURL(join(folder, `${name}.ts`)).href)
  return topology
}
