import { DRILL_KEY } from '../../shared/domain/failover/drill-key.ts'
import { type ChoiceState, query, type State, type TaskState } from './state-language.ts'

/** A good drill is noted by the machine itself: no function, and so no right of one, is worth it. */
export const drillStates = (tableName: string): Readonly<Record<string, State>> => ({
  'Release ends': ENDS,
  Drilled: drilled(tableName),
})

const ENDS: ChoiceState = {
  Type: 'Choice',
  Choices: [{ Condition: query("$ending = 'drilled'"), Next: 'Drilled' }],
  Default: 'End',
}

const drilled = (tableName: string): TaskState => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::dynamodb:updateItem',
  Arguments: {
    TableName: tableName,
    Key: { pk: { S: DRILL_KEY.pk }, sk: { S: DRILL_KEY.sk } },
    UpdateExpression: 'SET #last = :now, #since = if_not_exists(#since, :now)',
    ExpressionAttributeNames: { '#last': 'last', '#since': 'since' },
    ExpressionAttributeValues: { ':now': { N: query('$string($millis())') } },
  },
  TimeoutSeconds: 30,
  Retry: [
    {
      ErrorEquals: ['DynamoDB.AmazonDynamoDBException', 'DynamoDB.ProvisionedThroughputExceededException'],
      IntervalSeconds: 1,
      BackoffRate: 2,
      MaxAttempts: 6,
      MaxDelaySeconds: 20,
      JitterStrategy: 'FULL',
    },
  ],
  // the drill went well all the same; the alarm that misses it says when there was none for too long
  Catch: [{ ErrorEquals: ['States.ALL'], Output: {}, Next: 'End' }],
  Output: {},
  Next: 'End',
})
