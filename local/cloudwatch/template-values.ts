import type { Template } from '../aws/assembly.ts'

/** Which property of a resource is the name that CloudFormation gives for a reference to it. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::CompositeAlarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A piece of a template with references as texts: the name of the resource, or its logical id when the template gives it
 * no name; the same for its ARN, so that whoever feeds or names it needs no account. Pseudo parameters stay `<AWS::Region>`.
 */
export const resolved = (value: unknown, template: Template): unknown => {
  if (Array.isArray(value)) return value.map((item) => resolved(item, template))
  if (!isObject(value)) return value
  const [[key, argument] = ['', undefined], ...others] = Object.entries(value)
  if (others.length === 0 && key === 'Ref') return nameOf(String(argument), template)
  if (others.length === 0 && key.startsWith('Fn::')) return intrinsic(key, argument, template)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, template)]))
}

const intrinsic = (key: string, argument: unknown, template: Template): string => {
  if (key === 'Fn::GetAtt') {
    const [id, attribute] = Array.isArray(argument) ? argument : String(argument).split('.')
    return attribute === 'Arn' ? nameOf(id, template) : `${nameOf(id, template)}.${attribute}`
  }
  if (key === 'Fn::Join' && Array.isArray(argument)) {
    const [separator, parts] = argument
    return parts.map((part: unknown) => String(resolved(part, template))).join(separator)
  }
  throw new Error(`reading a template: ${key} is not supported`)
}

const nameOf = (id: string, template: Template): string => {
  const resource = template.Resources[id]
  if (resource === undefined) return `<${id}>`
  const name = resource.Properties?.[NAMED_BY[resource.Type] ?? '']
  return name === undefined ? id : String(resolved(name, template))
}

/** An alarm is referred to by its name or by its ARN, which ends in the name. */
export const alarmNameIn = (reference: string): string => /^arn:.*?:alarm:(.+)$/.exec(reference)?.[1] ?? reference
