import { isDeepStrictEqual } from 'node:util'
import { changed, type MappingConfiguration } from './mapping-configuration.ts'
import type { Mappings, NewMapping } from './mappings.ts'

/** What CloudFormation cannot change in a mapping; it replaces the mapping instead. */
const fixedPart = ({ region, configuration }: NewMapping) => ({
  region,
  topics: configuration.Topics,
  arn: configuration.EventSourceArn,
  own: configuration.SelfManagedEventSource,
  groups: [configuration.SelfManagedKafkaEventSourceConfig, configuration.AmazonManagedKafkaEventSourceConfig],
  start: [configuration.StartingPosition, configuration.StartingPositionTimestamp],
})

/**
 * Keeps the mappings of deployed stacks. Like CloudFormation it compares a deploy with the one before, not with the
 * mapping as it is: a mapping that somebody disabled by hand stays so until its template changes.
 */
export class DeployedMappings {
  readonly #mappings: Mappings
  #deployed = new Map<string, NewMapping>()

  constructor(mappings: Mappings) {
    this.#mappings = mappings
  }

  /** Makes, changes and deletes mappings so that they are those of all stacks together; resolves when it is done. */
  async become(wanted: readonly NewMapping[]): Promise<void> {
    const before = this.#deployed
    this.#deployed = new Map(wanted.map((mapping) => [mapping.uuid, mapping]))
    for (const [uuid, mapping] of before) if (!this.#staysItself(mapping)) await this.#delete(uuid)
    await this.#mappings.settled()
    for (const mapping of wanted) this.#make(mapping, before.get(mapping.uuid))
    await this.#mappings.settled()
  }

  /** Like CloudFormation it waits while the mapping is on its way from one state to another. */
  async #delete(uuid: string): Promise<void> {
    do await this.#mappings.settled()
    while (this.#mappings.delete(uuid).kind === 'busy')
  }

  #staysItself(mapping: NewMapping): boolean {
    const next = this.#deployed.get(mapping.uuid)
    return next !== undefined && isDeepStrictEqual(fixedPart(mapping), fixedPart(next))
  }

  #make(mapping: NewMapping, before: NewMapping | undefined): void {
    const current = this.#mappings.get(mapping.uuid)
    if (current === undefined) this.#mappings.create(mapping)
    else if (before !== undefined && !isDeepStrictEqual(mapping, before)) {
      const configuration: MappingConfiguration = changed(current.configuration, { ...mapping.configuration })
      const { enabled, functionName } = mapping
      this.#mappings.change(mapping.uuid, { enabled, functionName, configuration })
    }
  }
}
