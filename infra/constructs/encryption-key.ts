import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'

/** The customer-managed key that a topology names for a region, if it does. Its policy is the user's. */
export const encryptionKey = (scope: Construct, arn: string | undefined): { readonly encryptionKey?: IKey } =>
  arn === undefined ? {} : { encryptionKey: Key.fromKeyArn(scope, 'EncryptionKey', arn) }
