import {
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from './objects.ts'

/** What lies in a bucket: keys in their order, each with its versions, newest first. */
export function s3Versions(client: S3Client, bucket: string): Pick<Objects, 'versions' | 'list'> {
  return {
    async versions(key) {
      const found: StoredObject[] = []
      // A key sorts before every longer key that it is the prefix of, so the first other key ends the search.
      for await (const page of pages(client, bucket, key, (next) => next === key)) {
        found.push(...page.filter((version) => version.Key === key).flatMap((version) => asStored(bucket, version)))
      }
      return found
    },

    async list(prefix) {
      const found: StoredObject[] = []
      for await (const page of pages(client, bucket, prefix)) {
        found.push(...page.filter(({ IsLatest }) => IsLatest === true).flatMap((version) => asStored(bucket, version)))
      }
      return found
    },
  }
}

async function* pages(
  client: S3Client,
  bucket: string,
  prefix: string,
  isWanted: (nextKey: string) => boolean = () => true,
): AsyncGenerator<readonly ObjectVersion[]> {
  let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}
  while (marker !== undefined) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...marker }),
    )
    yield page.Versions ?? []
    marker = nextPage(page, isWanted)
  }
}

function nextPage(
  { IsTruncated, NextKeyMarker, NextVersionIdMarker }: ListObjectVersionsCommandOutput,
  isWanted: (nextKey: string) => boolean,
) {
  if (IsTruncated !== true || NextKeyMarker === undefined || !isWanted(NextKeyMarker)) return undefined
  return {
    KeyMarker: NextKeyMarker,
    ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }),
  }
}

function asStored(bucket: string, { Key: key, VersionId: versionId, ETag, Size }: ObjectVersion): StoredObject[] {
  if (key === undefined || versionId === undefined) return []
  return [{ bucket, key, versionId, etag: (ETag ?? '').replaceAll('"', ''), bytes: Size ?? 0 }]
}
