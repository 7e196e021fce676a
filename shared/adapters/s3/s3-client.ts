import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { CLIENT_PATIENCE } from '../client-patience.ts'

/** What is not named comes from the environment. */
export const createS3Client = (
  place: Pick<S3ClientConfig, 'region' | 'endpoint' | 'credentials' | 'forcePathStyle'> = {},
): S3Client => new S3Client({ ...place, ...CLIENT_PATIENCE })
