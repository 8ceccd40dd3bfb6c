import type { StoredObject } from '../../contracts/stored-object.ts'
import { mediaIdOf } from '../../producers/runtime/original-key.ts'
import type { Scheduler } from './scheduler.ts'
import type { Storage } from './storage.ts'
import { flawsOf } from './uploads.ts'

/** As GuardDuty says it. */
export type ScanStatus = 'NO_THREATS_FOUND' | 'THREATS_FOUND' | 'UNSUPPORTED' | 'FAILED' | 'ACCESS_DENIED'

/** How one scan goes. */
export interface Scan {
  readonly milliseconds: number
  /** What it says though the bytes are as they are; undefined where it says what they are. */
  readonly failure: Extract<ScanStatus, 'FAILED' | 'ACCESS_DENIED'> | undefined
  readonly isResultLost: boolean
  /** Somebody has it done again at the same time, which fails. */
  readonly isDoneTwice: boolean
}

export interface ScannerOptions {
  readonly storage: Storage
  readonly scheduler: Scheduler
  /** Asked for each scan. */
  scan(): Scan
  /** One event on the default bus. */
  tell(body: string): void
}

/** GuardDuty over the originals: each version is scanned, tagged and told of, in either order. */
export class Scanner {
  readonly #options: ScannerOptions
  readonly #found = new Map<string, ScanStatus[]>()
  readonly #lost = new Map<string, number>()

  constructor(options: ScannerOptions) {
    this.#options = options
  }

  /** What the scans of a version came to, in their order. */
  found({ versionId }: Pick<StoredObject, 'versionId'>): readonly ScanStatus[] {
    return this.#found.get(versionId) ?? []
  }

  /** When the last result on bytes of this media was lost; before all time where none was. */
  lostAt(mediaId: string): number {
    return this.#lost.get(mediaId) ?? 0
  }

  scan(object: StoredObject): void {
    const { scheduler, scan } = this.#options
    const { milliseconds, failure, isResultLost, isDoneTwice } = scan()
    const finish = () => {
      const status = failure ?? this.#statusOf(object)
      // Deleted before it was looked at.
      if (status === undefined) return
      this.#found.set(object.versionId, [...this.found(object), ...(isDoneTwice ? (['FAILED'] as const) : []), status])
      if (isDoneTwice) scheduler.soon(() => this.#tell(object, 'FAILED'))
      if (scheduler.isTraced) scheduler.tell(`GuardDuty found ${object.key} ${object.versionId}: ${status}`)
      scheduler.soon(() => this.#options.storage.tag(object, { GuardDutyMalwareScanStatus: status }))
      if (isResultLost) this.#lost.set(mediaIdOf(object.key) ?? '', scheduler.time)
      else scheduler.soon(() => this.#tell(object, status))
    }
    if (milliseconds > 0) scheduler.after(milliseconds, finish)
    else scheduler.soon(finish)
  }

  #statusOf(object: StoredObject): ScanStatus | undefined {
    const version = this.#options.storage.find(object)
    if (!version) return undefined
    const flaws = flawsOf(version.bytes)
    if (flaws.includes('infected')) return 'THREATS_FOUND'
    return flaws.includes('locked') ? 'UNSUPPORTED' : 'NO_THREATS_FOUND'
  }

  #tell({ bucket, key, versionId, etag }: StoredObject, status: ScanStatus): void {
    const { scheduler, tell } = this.#options
    tell(
      JSON.stringify({
        source: 'aws.guardduty',
        'detail-type': 'GuardDuty Malware Protection Object Scan Result',
        time: new Date(scheduler.time).toISOString(),
        detail: {
          s3ObjectDetails: { bucketName: bucket, objectKey: key, eTag: etag, versionId },
          scanResultDetails: {
            scanResultStatus: status,
            threats: status === 'THREATS_FOUND' ? [{ name: 'EICAR-Test-File' }] : null,
          },
        },
      }),
    )
  }
}
