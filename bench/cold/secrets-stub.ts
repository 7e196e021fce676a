import { createServer } from 'node:http'
import { freePort } from '../../local/machine/free-port.ts'

/** Secrets Manager as far as reading goes, on loopback. */
export interface SecretsStub {
  readonly endpoint: string
  close(): void
}

export const startSecretsStub = async (secrets: Readonly<Record<string, object>>): Promise<SecretsStub> => {
  const port = await freePort()
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      const { SecretId: name }: { SecretId: string } = JSON.parse(body)
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      response.end(JSON.stringify({ Name: name, SecretString: JSON.stringify(secrets[name]) }))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { endpoint: `http://127.0.0.1:${port}`, close: () => server.close() }
}
