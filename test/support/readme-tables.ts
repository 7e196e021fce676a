import { DEFAULTS } from '../../shared/domain/topology/topology-defaults.ts'
import { LIMITS } from '../../shared/domain/topology/topology-limits.ts'

const row = (cells: readonly (string | number | boolean)[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly (string | number | boolean)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

/** What the README says between `<!-- name -->` and `<!-- /name -->`, made from the tables that the code uses. */
export const README_TABLES: Readonly<Record<string, string>> = {
  defaults: table(
    ['setting', 'default', 'unit', 'because'],
    Object.entries(DEFAULTS).map(([name, { value, unit, because }]) => [`\`${name}\``, value, unit, because]),
  ),
  limits: table(
    ['limit', 'from', 'to', 'unit', 'because'],
    Object.entries(LIMITS).map(([name, limit]) => [
      name,
      'min' in limit ? limit.min : '',
      limit.max,
      limit.unit,
      limit.because,
    ]),
  ),
}
