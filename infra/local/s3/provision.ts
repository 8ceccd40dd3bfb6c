import { createHash } from 'node:crypto'
import type { Cloud, Provisioned, Provisioner, ResourceDeclaration } from '../cloud.ts'
import type { Buckets, Versioning } from './buckets.ts'
import type { CorsRule } from './cors.ts'
import { type Denial, type Denials, parseDenial } from './denials.ts'
import type { LifecycleRule } from './lifecycle-rules.ts'
import { parseLifecycle } from './provision-lifecycle.ts'

type Properties = Readonly<Record<string, unknown>>

const KEPT_AS_DATA = [
  'BucketEncryption',
  'PublicAccessBlockConfiguration',
  'LoggingConfiguration',
  'OwnershipControls',
  'AccelerateConfiguration',
  'Tags',
]

/** Makes buckets and takes their policies; both throw a sentence for what does not run here. */
export function s3Provisioners(cloud: Cloud, buckets: Buckets, denials: Denials): Record<string, Provisioner> {
  return {
    'AWS::S3::Bucket': (resource) => provisionBucket(resource, cloud, buckets),
    'AWS::S3::BucketPolicy': (resource) => provisionPolicy(resource, denials),
  }
}

function provisionBucket(resource: ResourceDeclaration, cloud: Cloud, buckets: Buckets): Provisioned {
  const {
    BucketName,
    VersioningConfiguration,
    NotificationConfiguration,
    CorsConfiguration,
    LifecycleConfiguration,
    ...rest
  } = resource.properties
  const unknown = Object.keys(rest).filter((name) => !KEPT_AS_DATA.includes(name))
  if (unknown.length > 0) throw notRun(resource, unknown[0] ?? '')

  const name =
    BucketName === undefined ? bucketNameOf(resource.generatedName) : text(resource, 'BucketName', BucketName)
  if (!/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
    throw new Error(
      `${label(resource)}: BucketName "${name}" is no bucket name: 3 to 63 lower-case letters, digits, dots and hyphens`,
    )
  }
  // AWS has no way back either: taking versioning out of a template suspends it.
  const hadVersions = (buckets.find(name)?.versioning ?? 'Unversioned') !== 'Unversioned'
  const versioning = versioningOf(resource, VersioningConfiguration)
  const settings = {
    versioning: hadVersions && versioning === 'Unversioned' ? 'Suspended' : versioning,
    publishesEvents: publishesEventsOf(resource, NotificationConfiguration),
    cors: corsOf(resource, CorsConfiguration),
    lifecycle: lifecycleOf(resource, LifecycleConfiguration),
    declared: rest,
  } as const
  buckets.declare(name, settings, cloud.now())
  return {
    ref: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${cloud.region}.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${cloud.region}.amazonaws.com`,
    },
  }
}

/** A bucket name made of a stable one: lower case, and short enough without clashes. */
function bucketNameOf(generatedName: string): string {
  const name = generatedName
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  if (name.length <= 63) return name
  return `${name.slice(0, 54).replace(/-+$/, '')}-${createHash('sha256').update(generatedName).digest('hex').slice(0, 8)}`
}

function versioningOf(resource: ResourceDeclaration, value: unknown): Versioning {
  if (value === undefined) return 'Unversioned'
  const { Status } = only(resource, 'VersioningConfiguration', value, ['Status'])
  if (Status === 'Enabled' || Status === 'Suspended') return Status
  throw new Error(
    `${label(resource)}: VersioningConfiguration.Status must be Enabled or Suspended, not ${json(Status)}`,
  )
}

function publishesEventsOf(resource: ResourceDeclaration, value: unknown): boolean {
  if (value === undefined) return false
  const { EventBridgeConfiguration } = only(resource, 'NotificationConfiguration', value, ['EventBridgeConfiguration'])
  if (EventBridgeConfiguration === undefined) return false
  const path = 'NotificationConfiguration.EventBridgeConfiguration'
  const { EventBridgeEnabled } = only(resource, path, EventBridgeConfiguration, ['EventBridgeEnabled'])
  return EventBridgeEnabled === undefined || EventBridgeEnabled === true || EventBridgeEnabled === 'true'
}

function lifecycleOf(resource: ResourceDeclaration, value: unknown): readonly LifecycleRule[] {
  try {
    return parseLifecycle(value)
  } catch (error) {
    throw new Error(`${label(resource)}: ${error instanceof Error ? error.message : error}`)
  }
}

function corsOf(resource: ResourceDeclaration, value: unknown): CorsRule[] {
  if (value === undefined) return []
  const { CorsRules } = only(resource, 'CorsConfiguration', value, ['CorsRules'])
  return list(resource, 'CorsConfiguration.CorsRules', CorsRules).map((rule, index) => {
    const path = `CorsConfiguration.CorsRules[${index}]`
    const names = ['Id', 'AllowedOrigins', 'AllowedMethods', 'AllowedHeaders', 'ExposedHeaders', 'MaxAge']
    const given = only(resource, path, rule, names)
    const texts = (name: string) =>
      list(resource, `${path}.${name}`, given[name] ?? []).map((item) => text(resource, `${path}.${name}`, item))
    return {
      allowedOrigins: texts('AllowedOrigins'),
      allowedMethods: texts('AllowedMethods'),
      allowedHeaders: texts('AllowedHeaders'),
      exposedHeaders: texts('ExposedHeaders'),
      ...(given['MaxAge'] !== undefined && { maxAgeSeconds: Number(given['MaxAge']) }),
    }
  })
}

/**
 * Every signed request is the account's own, so statements that allow add nothing, and a denial of plain HTTP can't
 * hold on loopback. Denials that are run hold for every request; any other would be a promise that is not kept here.
 */
function provisionPolicy(resource: ResourceDeclaration, denials: Denials): Provisioned {
  const { Bucket, PolicyDocument } = only(resource, 'Properties', resource.properties, ['Bucket', 'PolicyDocument'])
  const { Statement } = record(resource, 'PolicyDocument', PolicyDocument)
  const bucket = text(resource, 'Bucket', Bucket)
  const denied: Denial[] = []
  for (const item of Array.isArray(Statement) ? Statement : [Statement]) {
    const statement = record(resource, 'PolicyDocument.Statement', item)
    if (statement['Effect'] !== 'Deny' || isAboutTransport(statement['Condition'])) continue
    const denial = parseDenial(statement, bucket)
    if (!denial) {
      throw new Error(
        `${label(resource)}: the local S3 does not run denials other than those of plain HTTP, of reads by an object's tag and of tagging: ${json(statement)}`,
      )
    }
    denied.push(denial)
  }
  denials.declare(bucket, denied)
  return { ref: bucket, attributes: {} }
}

function isAboutTransport(condition: unknown): boolean {
  if (typeof condition !== 'object' || condition === null) return false
  const keys = Object.values(condition).flatMap((test) => Object.keys(test as object))
  return keys.length > 0 && keys.every((key) => key === 'aws:SecureTransport' || key === 's3:TlsVersion')
}

function only(resource: ResourceDeclaration, path: string, value: unknown, names: readonly string[]): Properties {
  const properties = record(resource, path, value)
  const unknown = Object.keys(properties).find((name) => !names.includes(name))
  if (unknown !== undefined) throw notRun(resource, path === 'Properties' ? unknown : `${path}.${unknown}`)
  return properties
}

function record(resource: ResourceDeclaration, path: string, value: unknown): Properties {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Properties
  throw new Error(`${label(resource)}: ${path} must be an object, not ${json(value)}`)
}

function list(resource: ResourceDeclaration, path: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new Error(`${label(resource)}: ${path} must be a list, not ${json(value)}`)
}

function text(resource: ResourceDeclaration, path: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error(`${label(resource)}: ${path} must be a text, not ${json(value)}`)
}

function notRun(resource: ResourceDeclaration, property: string): Error {
  return new Error(`${label(resource)}: the local S3 does not run the property ${property}; take it out, or teach it`)
}

const label = ({ stack, logicalId, type }: ResourceDeclaration) => `${stack}/${logicalId} (${type})`
const json = (value: unknown) => JSON.stringify(value) ?? 'undefined'
