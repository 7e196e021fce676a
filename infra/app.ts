import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { ReplicationError } from '../shared/domain/errors.ts'
import type { Topology } from '../shared/domain/topology.ts'
import { addInstallation } from './stacks/installation.ts'

const TOPOLOGIES = join(import.meta.dirname, 'topologies')

const loadTopology = async (name: string): Promise<Topology> => {
  const names = readdirSync(TOPOLOGIES).map((file) => file.replace(/\.ts$/, ''))
  if (!names.includes(name)) {
    const doing = `choosing the topology ${name}: infra/topologies/ has ${names.join(', ')}`
    throw new ReplicationError('CONFIG_INVALID', doing)
  }
  const { topology }: { topology: Topology } = await import(`./topologies/${name}.ts`)
  return topology
}

const synthesise = async (): Promise<void> => {
  const app = new App()
  addInstallation(app, await loadTopology(String(app.node.tryGetContext('topology') ?? 'local')))
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  app.synth()
}

// A mistake in a topology is for its author to read: the message without a stack trace.
await synthesise().catch((error: unknown) => {
  if (!(error instanceof ReplicationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
