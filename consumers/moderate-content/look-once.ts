import { createHash } from 'node:crypto'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Moderation } from '../../ports/moderation/moderation.ts'
import { ObjectGone, type Objects } from '../../ports/objects/objects.ts'
import type { SeenContent, Verdicts } from '../../ports/verdicts/verdicts.ts'
import { NOT_LOOKED_AT } from './policy.ts'

export interface LookPorts {
  readonly objects: Pick<Objects, 'head' | 'read'>
  readonly moderation: Moderation
  readonly verdicts: Verdicts
}

/** What was seen in some pictures together, and the SHA-256 that names all of them. */
export interface SeenTogether {
  readonly contentHash: string
  /** By picture, each content once. */
  readonly seen: readonly SeenContent[]
}

const MAX_PICTURE_BYTES = 15 * 1024 * 1024

/**
 * Looks at every picture, at each content once, and asks nobody about content that was looked at before.
 * @throws ObjectGone where a picture isn't there any more.
 */
export async function lookOnce(ports: LookPorts, pictures: readonly StoredObject[]): Promise<SeenTogether> {
  const hashes = await Promise.all(pictures.map((picture) => sha256Of(ports, picture)))
  const byHash = new Map(pictures.map((picture, at) => [hashes[at] ?? '', picture]))
  const seen: SeenContent[] = []
  // One after another: a service that is asked about every frame of many videos at once asks for patience.
  for (const [sha256, picture] of byHash) seen.push(await lookAt(ports, picture, sha256))
  return { contentHash: hashOfAll(hashes), seen }
}

async function lookAt(
  { moderation, verdicts }: LookPorts,
  picture: StoredObject,
  sha256: string,
): Promise<SeenContent> {
  const content = { sha256, recipe: moderation.recipe }
  const known = await verdicts.find(content)
  if (known) return known
  const look = await moderation.look(picture)
  if (!look.ok) return { labels: [{ name: NOT_LOOKED_AT, confidence: 100 }], model: moderation.recipe }
  const { labels, model } = look
  await verdicts.keep(content, { labels, model })
  return { labels, model }
}

/** As the store verified it when the picture was put there; read and computed where it did not. */
async function sha256Of({ objects }: LookPorts, picture: StoredObject): Promise<string> {
  const head = await objects.head(picture)
  if (!head) throw new ObjectGone(`${picture.key} (${picture.versionId}) is gone`)
  if (head.sha256 !== undefined) return head.sha256
  return createHash('sha256')
    .update(await objects.read(picture, MAX_PICTURE_BYTES))
    .digest('hex')
}

/** One picture's own hash; of several, that of their hashes in their order. */
function hashOfAll(hashes: readonly string[]): string {
  const [only, ...others] = hashes
  if (only !== undefined && others.length === 0) return only
  return createHash('sha256').update(hashes.join('\n')).digest('hex')
}
