// Starts the function as Lambda does, in a process that has loaded nothing else: `node function-start.mjs <module> <file with events as JSON>`.
// It imports nothing of ours, so that only the module it is given is measured.

const started = performance.now()
const [module = '', file = ''] = process.argv.slice(2)
const context = {
  functionName: 'bench-replicate',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:bench-replicate',
  memoryLimitInMB: '1024',
  awsRequestId: 'bench',
  getRemainingTimeInMillis: () => 60_000,
}

const importing = performance.now()
const cpu = process.cpuUsage()
const { handler } = await import(module)
const loaded = performance.now()
const { user, system } = process.cpuUsage(cpu)
const invocationsMs: number[] = []
const { readFileSync } = await import('node:fs')
for (const event of JSON.parse(readFileSync(file, 'utf8'))) {
  const began = performance.now()
  await handler(event, context)
  invocationsMs.push(performance.now() - began)
}
console.log(
  `figures ${JSON.stringify({ nodeMs: started, loadMs: loaded - importing, loadCpuMs: (user + system) / 1000, invocationsMs })}`,
)
process.exit(0)
