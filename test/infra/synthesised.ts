import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, Validations } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { AwsSolutionsChecks } from 'cdk-nag'
import { addInstallation } from '../../infra/stacks/installation.ts'
import type { Topology } from '../../shared/domain/topology/topology.ts'

export interface SynthesisedStack {
  readonly stage: string
  readonly region: string
  readonly account: string
  readonly template: Template
  readonly protected: boolean
  readonly dependsOn: readonly string[]
}

/** The stacks of a topology by name, without bundled code. Throws when a rule of CloudFormation or of AwsSolutions is broken. */
export const synthesise = (topology: Topology): ReadonlyMap<string, SynthesisedStack> => {
  const outdir = mkdtempSync(join(tmpdir(), 'twinshore-synth-'))
  try {
    const app = new App({
      outdir,
      context: { 'aws:cdk:bundling-stacks': [], '@aws-cdk/core:validateAgainstDefaultRules': true },
    })
    addInstallation(app, topology)
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
    return new Map(
      app.synth().stacksRecursively.map((stack) => [
        stack.stackName,
        {
          stage: stack.hierarchicalId.split('/')[0] ?? '',
          region: stack.environment.region,
          account: stack.environment.account,
          template: Template.fromJSON(stack.template),
          protected: stack.terminationProtection === true,
          dependsOn: stack.dependencies.map(({ id }) => id),
        },
      ]),
    )
  } finally {
    rmSync(outdir, { recursive: true })
  }
}

export const templateOf = (stacks: ReadonlyMap<string, SynthesisedStack>, name: string): Template => {
  const stack = stacks.get(name)
  if (stack === undefined) throw new Error(`there is no stack ${name}, only ${[...stacks.keys()].join(', ')}`)
  return stack.template
}

interface Statement {
  readonly Action: string | readonly string[]
  readonly Resource: unknown
  readonly Effect: string
  readonly Condition?: object
}

/** What CloudFormation puts together of texts and pseudo parameters, as one text. */
const flat = (value: unknown): string => {
  if (typeof value === 'string') return value
  const [key, argument] = Object.entries(value ?? {})[0] ?? []
  if (key === 'Ref') return `<${argument}>`
  if (key === 'Fn::GetAtt') return `<${argument.join('.')}>`
  if (key === 'Fn::Join') return argument[1].map(flat).join(argument[0])
  return JSON.stringify(value)
}

/** Everything that the roles of a stack allow, one `action resource` each, without order. */
export const rights = (template: Template): ReadonlySet<string> =>
  new Set(
    statementsOf(template).flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${flat(resource)}`)),
    ),
  )

const statementsOf = (template: Template): readonly Statement[] =>
  ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
    Object.values(template.findResources(type)).flatMap(({ Properties }) => Properties.PolicyDocument.Statement),
  )

/** The actions of one service, by the resource that they are allowed on. */
export const allowed = (template: Template, service: string): Readonly<Record<string, readonly string[]>> => {
  const prefix = `${service}:`
  const own = [...rights(template)].filter((right) => right.startsWith(prefix)).map((right) => right.split(' '))
  const byResource = Map.groupBy(own, ([, resource = '']) => resource)
  const names = ([action = '']: readonly string[]) => action.slice(prefix.length)
  return Object.fromEntries([...byResource].map(([resource, pairs]) => [resource, pairs.map(names).toSorted()]))
}

/** Everything that is allowed under a condition: action, resource and condition. */
export const conditions = (
  template: Template,
): readonly (readonly [action: string, resource: string, condition: object])[] =>
  statementsOf(template)
    .filter(({ Condition }) => Condition !== undefined)
    .flatMap(({ Action, Resource, Condition = {} }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((one) => [action, flat(one), Condition] as const)),
    )
