import { CreateTableCommand, type DynamoDBClient, ResourceInUseException } from '@aws-sdk/client-dynamodb'
import { eventually } from '../machine/eventually.ts'

/** The first answers of a DynamoDB Local that has just started take seconds on a busy machine. */
const ANSWERED_WITHIN_MS = 60_000

/** Asks again as long as no answer comes in the client's time. */
export const untilAnswered = async (what: string, ask: () => Promise<unknown>): Promise<void> => {
  const isAnswered = async (): Promise<boolean> => {
    try {
      await ask()
      return true
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') return false
      throw error
    }
  }
  await eventually(what, isAnswered, { withinMs: ANSWERED_WITHIN_MS })
}

/**
 * Makes a link's table as the CDK app does, as far as its keys go, where no stack is deployed. A table that is there
 * already is left as it is: the first answer of a cold DynamoDB Local may come after the client has asked again.
 */
export const createLinkTable = async (client: DynamoDBClient, name: string): Promise<void> => {
  try {
    await untilAnswered(`the table ${name} to be made`, () => client.send(createTable(name)))
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error
  }
}

const createTable = (name: string): CreateTableCommand =>
  new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', 'byTarget'].map((attribute) => ({
      AttributeName: attribute,
      AttributeType: 'S',
    })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'by-target',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'byTarget', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  })
