import { accessDenied } from './errors.ts'
import type { Tag } from './tags.ts'

/** One statement of a bucket policy that takes something away from everybody who calls from outside. */
export interface Denial {
  readonly actions: readonly string[]
  /** Keys that begin with one of them. */
  readonly prefixes: readonly string[]
  /** Where given, only for objects that have one of these tags. */
  readonly tag: { readonly key: string; readonly values: readonly string[] } | undefined
}

/** What bucket policies deny. They are declared anew at each start. */
export interface Denials {
  declare(bucket: string, denials: readonly Denial[]): void
  /** @throws S3Error AccessDenied where a policy denies `action` on an object with these tags. */
  enforce(bucket: string, action: DeniedAction, key: string, tags?: readonly Tag[]): void
}

/** What is asked about at each call; a denial of anything else would be a promise that is not kept. */
const ACTIONS = [
  's3:GetObject',
  's3:GetObjectVersion',
  's3:PutObjectTagging',
  's3:PutObjectVersionTagging',
  's3:DeleteObjectTagging',
  's3:DeleteObjectVersionTagging',
] as const
export type DeniedAction = (typeof ACTIONS)[number]

/** Each asked about with the tags of the object at hand. */
const READS = ['s3:GetObject', 's3:GetObjectVersion']
const TAG_CONDITION = 's3:ExistingObjectTag/'
/** Exempts roles by their ARN. The one pair of keys that there is here is nobody's role. */
const EXEMPTIONS = ['ArnNotEquals', 'ArnNotLike', 'StringNotEquals', 'StringNotLike']

export function openDenials(): Denials {
  const declared = new Map<string, readonly Denial[]>()
  return {
    declare: (bucket, denials) => void declared.set(bucket, denials),
    enforce(bucket, action, key, tags = []) {
      const denied = declared.get(bucket)?.some((denial) => applies(denial, action, key, tags))
      if (denied) throw accessDenied()
    },
  }
}

function applies({ actions, prefixes, tag }: Denial, action: string, key: string, tags: readonly Tag[]): boolean {
  return (
    actions.includes(action) &&
    prefixes.some((prefix) => key.startsWith(prefix)) &&
    (tag === undefined || tags.some((one) => one.key === tag.key && tag.values.includes(one.value)))
  )
}

/** Reads a statement whose effect is `Deny`; undefined where anything of it does not run here. */
export function parseDenial(statement: Readonly<Record<string, unknown>>, bucket: string): Denial | undefined {
  const { Sid: _sid, Effect: _effect, Principal, Action, Resource, Condition, ...rest } = statement
  const actions = texts(Action)
  const prefixes = texts(Resource)?.map((arn) => prefixOf(arn, bucket))
  const condition = conditionOf(Condition ?? {})
  if (Object.keys(rest).length > 0 || !isEverybody(Principal) || !actions || !prefixes || !condition) return undefined
  if (!actions.every((action) => (ACTIONS as readonly string[]).includes(action))) return undefined
  if (condition.tag && !actions.every((action) => READS.includes(action))) return undefined
  if (prefixes.includes(undefined)) return undefined
  return { actions, prefixes: prefixes.flatMap((prefix) => prefix ?? []), tag: condition.tag }
}

function isEverybody(principal: unknown): boolean {
  if (principal === '*') return true
  return typeof principal === 'object' && principal !== null && 'AWS' in principal && principal.AWS === '*'
}

/** The part of an object's ARN behind its bucket, whose `*` may stand at its end alone. */
function prefixOf(arn: string, bucket: string): string | undefined {
  const keys = /^arn:aws:s3:::([^/]+)\/([^*?]*)\*$/.exec(arn)
  return keys?.[1] === bucket ? keys[2] : undefined
}

function conditionOf(condition: unknown): { readonly tag: Denial['tag'] } | undefined {
  if (typeof condition !== 'object' || condition === null) return undefined
  let tag: Denial['tag']
  for (const [operator, tests] of Object.entries(condition)) {
    for (const [key, value] of Object.entries(tests as object)) {
      const values = texts(value)
      if (EXEMPTIONS.includes(operator) && key === 'aws:PrincipalArn') continue
      if (operator !== 'StringEquals' || !key.startsWith(TAG_CONDITION) || !values || tag) return undefined
      tag = { key: key.slice(TAG_CONDITION.length), values }
    }
  }
  return { tag }
}

function texts(value: unknown): readonly string[] | undefined {
  const list = [value].flat()
  return list.every((item) => typeof item === 'string') ? list : undefined
}
