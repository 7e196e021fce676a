import { App, CfnOutput, Duration, Stack, Stage } from 'aws-cdk-lib'
import { Alarm, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb'
import { CfnEIP } from 'aws-cdk-lib/aws-ec2'
import { CfnEventSourceMapping, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'

// The smallest app that has what deploying locally is about: a stage, a function with a table, Kafka mappings, and
// resources that the local AWS does not know.
const app = new App()
const stage = new Stage(app, 'pair')
const stack = new Stack(stage, 'link', { stackName: 'tiny-link', env: { region: 'eu-west-1' } })
const table = new Table(stack, 'Table', {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
})
const code = `
const { request } = require('node:http')
const put = (item) => new Promise((resolve, reject) => {
  const url = new URL(process.env.AWS_ENDPOINT_URL)
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.PutItem',
    authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20250101/' + process.env.AWS_REGION + '/dynamodb/aws4_request, SignedHeaders=host, Signature=x' }
  const call = request(url, { method: 'POST', headers }, (answer) => { answer.resume(); answer.on('end', () => resolve(answer.statusCode)) })
  call.on('error', reject)
  call.end(JSON.stringify({ TableName: process.env.TABLE, Item: item }))
})
exports.handler = async ({ id }) => ({ status: await put({ pk: { S: id } }), region: process.env.AWS_REGION, pid: process.pid })
`
const writer = new LambdaFunction(stack, 'Writer', {
  functionName: 'tiny-writer',
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromInline(code),
  timeout: Duration.seconds(30),
  environment: { TABLE: table.tableName },
})
for (const topic of String(app.node.tryGetContext('topics')).split(','))
  new CfnEventSourceMapping(stack, `Mapping-${topic}`, {
    functionName: writer.functionArn,
    topics: [topic],
    startingPosition: 'TRIM_HORIZON',
    batchSize: Number(app.node.tryGetContext('batchSize')),
    selfManagedEventSource: { endpoints: { kafkaBootstrapServers: ['127.0.0.1:9'] } },
    selfManagedKafkaEventSourceConfig: { consumerGroupId: `tiny.${topic}` },
    sourceAccessConfigurations: [
      { type: 'SASL_SCRAM_512_AUTH', uri: `arn:aws:secretsmanager:${stack.region}:${stack.account}:secret:login` },
    ],
  })
const address = new CfnEIP(stack, 'Address')
new CfnOutput(stack, 'AddressOutput', { value: address.ref })
new Alarm(stack, 'Ratio', {
  threshold: 1,
  evaluationPeriods: 1,
  metric: new MathExpression({
    expression: 'a / 2',
    usingMetrics: { a: new Metric({ namespace: 'Tiny', metricName: 'a' }) },
  }),
})
