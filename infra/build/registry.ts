import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EVENT_SOURCE } from '../../events/bus.ts'
import type { RegistryDocument } from '../constructs/schema-registry.ts'

/** The registry takes no longer ones. */
const MAX_DESCRIPTION = 256

/** The generated documents of every event, as EventBridge's own discovery would name them: `<source>@<detail-type>`. */
export function readRegistry(root: string): readonly RegistryDocument[] {
  const folder = join(root, 'contracts/generated/registry')
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const schema: { readonly description?: string } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
      const { description = '' } = schema
      return {
        name: `${EVENT_SOURCE}@${file.slice(0, -'.json'.length)}`,
        type: 'JSONSchemaDraft4',
        description:
          description.length <= MAX_DESCRIPTION ? description : `${description.slice(0, MAX_DESCRIPTION - 2)} …`,
        content: JSON.stringify(schema),
      }
    })
}
