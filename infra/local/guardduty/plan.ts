import { createHash } from 'node:crypto'
import { listProperty, objectProperty, onlyProperties, requiredString } from '../assembly/properties.ts'
import type { Provisioner, ResourceDeclaration } from '../cloud.ts'

/** What is scanned of one bucket. https://docs.aws.amazon.com/guardduty/latest/ug/gdu-malware-protection-s3.html */
export interface Plan {
  readonly id: string
  readonly arn: string
  readonly bucket: string
  /** Keys that begin with one of them; empty is every key. */
  readonly prefixes: readonly string[]
  /** Whether results are written to the object as a tag too. */
  readonly tags: boolean
}

interface Place {
  readonly region: string
  readonly accountId: string
  now(): number
}

const MAX_PREFIXES = 5

/** Declares plans, one a bucket. @throws a sentence for what does not run here, or not on AWS either. */
export function planProvisioner(place: Place, plans: Map<string, Plan>): Provisioner {
  return (resource) => {
    const plan = planOf(resource, place)
    const other = plans.get(plan.bucket)
    if (other && other.id !== plan.id) throw new Error(`the bucket ${plan.bucket} has the plan ${other.id} already`)
    plans.set(plan.bucket, plan)
    return {
      ref: plan.id,
      attributes: {
        Arn: plan.arn,
        CreatedAt: new Date(place.now()).toISOString(),
        MalwareProtectionPlanId: plan.id,
        Status: 'ACTIVE',
      },
    }
  }
}

function planOf(resource: ResourceDeclaration, { region, accountId }: Place): Plan {
  const { properties, generatedName } = resource
  onlyProperties(resource, ['ProtectedResource', 'Actions'], {
    Role: 'the scanner is this runtime itself',
    Tags: 'kept nowhere',
  })
  const protectedResource = objectProperty(properties, 'ProtectedResource')
  onlyProperties({ properties: protectedResource }, ['S3Bucket'])
  const bucket = objectProperty(protectedResource, 'S3Bucket')
  onlyProperties({ properties: bucket }, ['BucketName', 'ObjectPrefixes'])
  const id = createHash('sha256').update(generatedName).digest('hex').slice(0, 20)
  return {
    id,
    arn: `arn:aws:guardduty:${region}:${accountId}:malware-protection-plan/${id}`,
    bucket: requiredString(bucket, 'BucketName'),
    prefixes: prefixesOf(bucket),
    tags: tagsOf(properties),
  }
}

function prefixesOf(bucket: Readonly<Record<string, unknown>>): readonly string[] {
  const prefixes = listProperty(bucket, 'ObjectPrefixes').map((prefix) => {
    if (typeof prefix === 'string') return prefix
    throw new Error(`ObjectPrefixes must be a list of strings, not of ${JSON.stringify(prefix)}`)
  })
  if (prefixes.length <= MAX_PREFIXES) return prefixes
  throw new Error(`ObjectPrefixes has ${prefixes.length} members; at most ${MAX_PREFIXES} are allowed`)
}

function tagsOf(properties: Readonly<Record<string, unknown>>): boolean {
  const actions = objectProperty(properties, 'Actions')
  onlyProperties({ properties: actions }, ['Tagging'])
  const tagging = objectProperty(actions, 'Tagging')
  onlyProperties({ properties: tagging }, ['Status'])
  const status = tagging['Status'] ?? 'DISABLED'
  if (status === 'ENABLED' || status === 'DISABLED') return status === 'ENABLED'
  throw new Error(`Actions.Tagging.Status must be ENABLED or DISABLED, not ${JSON.stringify(status)}`)
}
