import { S3Error } from './errors.ts'

/** From the one that is read most to the one that is read least: lifecycle rules move objects only this way. */
const CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const
export type StorageClass = (typeof CLASSES)[number]

/** These hold objects that must be restored before they can be read. */
const ARCHIVES: readonly StorageClass[] = ['GLACIER', 'DEEP_ARCHIVE']

export function isStorageClass(name: unknown): name is StorageClass {
  return CLASSES.some((known) => known === name)
}

/** Whether `to` is colder than `from`. */
export function isColder(to: StorageClass, from: StorageClass): boolean {
  return CLASSES.indexOf(to) > CLASSES.indexOf(from)
}

export function isArchive(storageClass: StorageClass): boolean {
  return ARCHIVES.includes(storageClass)
}

/**
 * The class that a request stores its object in.
 * @throws S3Error InvalidStorageClass
 */
export function storageClassOf(headers: ReadonlyMap<string, string>): StorageClass {
  const name = headers.get('x-amz-storage-class') ?? 'STANDARD'
  if (isStorageClass(name)) return name
  throw new S3Error(400, 'InvalidStorageClass', 'The storage class you specified is not valid', {
    details: { StorageClassRequested: name },
  })
}

/** Answers that speak of a version name its class only where that is another than the usual one. */
export function storageClassHeader(storageClass: StorageClass): Record<string, string> {
  return storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': storageClass }
}

/** @throws S3Error InvalidObjectState where the bytes lie in an archive. */
export function refuseArchived(storageClass: StorageClass): void {
  if (!isArchive(storageClass)) return
  const message = "The operation is not valid for the object's storage class"
  throw new S3Error(403, 'InvalidObjectState', message, { details: { StorageClass: storageClass } })
}
