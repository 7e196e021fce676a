import { startFromClassArchive } from '../../local/kafka/class-archive.ts'
import { checkPrerequisites } from '../../local/machine/prerequisites.ts'
import { dynamoDbLocalJars, kafkaToolJars, ministackPython } from '../../local/machine/toolchain.ts'

/** Before the integration tests: what is missing is said at once, and what is fetched is fetched outside any test's time. */
export const setup = async (): Promise<void> => {
  await checkPrerequisites()
  await startFromClassArchive(process.env.TWINSHORE_KAFKA === '3.9.2' ? '3.9.2' : '4.3.1')
  await kafkaToolJars()
  await dynamoDbLocalJars()
  await ministackPython()
}
