import { CloudFormationClient, DescribeStackResourcesCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation'
import type { Template } from './assembly.ts'
import { LOCAL_CREDENTIALS } from './aws.ts'
import {
  configurationOf,
  fromTemplate,
  functionNameOf,
  isKafkaMapping,
  LOCAL_ACCOUNT,
  tagsOf,
} from './gateway/mapping-configuration.ts'
import type { NewMapping } from './gateway/mappings.ts'

interface DeployedResource {
  readonly logicalId: string
  readonly type: string
  readonly physicalId: string
}

export interface DeployedStack {
  readonly name: string
  readonly region: string
  readonly resources: readonly DeployedResource[]
  readonly template: Template
}

/** How clients of the SDK reach the local AWS. */
export const clientSettings = (endpoint: string, region: string) => ({
  endpoint,
  region,
  credentials: {
    accessKeyId: LOCAL_CREDENTIALS.AWS_ACCESS_KEY_ID,
    secretAccessKey: LOCAL_CREDENTIALS.AWS_SECRET_ACCESS_KEY,
  },
})

export const readStack = async (endpoint: string, region: string, name: string): Promise<DeployedStack> => {
  const client = new CloudFormationClient(clientSettings(endpoint, region))
  try {
    const { TemplateBody = '{}' } = await client.send(new GetTemplateCommand({ StackName: name }))
    const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: name }))
    const resources = StackResources.map((resource) => ({
      logicalId: resource.LogicalResourceId ?? '',
      type: resource.ResourceType ?? '',
      physicalId: resource.PhysicalResourceId ?? '',
    }))
    return { name, region, resources, template: JSON.parse(TemplateBody) }
  } finally {
    client.destroy()
  }
}

type Resolve = (value: unknown) => unknown

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Replaces what CloudFormation would: references, joins and substitutions. Every attribute of a resource that a mapping
 * can ask for is, or leads to, its physical id.
 */
export const resolverOf = ({ region, resources }: Pick<DeployedStack, 'region' | 'resources'>): Resolve => {
  const values = new Map([
    ['AWS::Region', region],
    ['AWS::AccountId', LOCAL_ACCOUNT],
    ['AWS::Partition', 'aws'],
    ['AWS::URLSuffix', 'amazonaws.com'],
    ...resources.map(({ logicalId, physicalId }) => [logicalId, physicalId] as const),
  ])
  const lookUp = (name: string): string => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`reading the stack: it refers to ${name}, which it does not have`)
    return value
  }
  const resolve: Resolve = (value) => {
    if (Array.isArray(value)) return value.map(resolve)
    if (!isObject(value)) return value
    const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::Sub': text } = value
    if (typeof ref === 'string') return lookUp(ref)
    if (Array.isArray(attribute)) return lookUp(String(attribute[0]))
    if (Array.isArray(join)) return (resolve(join[1]) as unknown[]).join(String(join[0]))
    if (typeof text === 'string') return text.replaceAll(/\$\{([^!}]+)\}/g, (_, name: string) => lookUp(name.trim()))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item)]))
  }
  return resolve
}

/**
 * The Kafka mappings of a stack. The local CloudFormation makes an inert mapping of each, whose id we take over, so that
 * references to it hold.
 */
export const deployedMappings = (stack: DeployedStack): NewMapping[] => {
  const resolve = resolverOf(stack)
  return stack.resources.flatMap(({ logicalId, physicalId }) => {
    const { Type, Properties = {} } = stack.template.Resources[logicalId] ?? { Type: '' }
    if (Type !== 'AWS::Lambda::EventSourceMapping' || !isKafkaMapping(Properties)) return []
    const fields = fromTemplate(resolve(Properties) as Record<string, unknown>)
    const functionName = functionNameOf(String(fields.FunctionName))
    const configuration = configurationOf(fields)
    const enabled = fields.Enabled !== false
    return [{ uuid: physicalId, region: stack.region, functionName, enabled, configuration, tags: tagsOf(fields) }]
  })
}
