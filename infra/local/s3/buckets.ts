import type { Database } from '../database.ts'
import type { CorsRule } from './cors.ts'
import type { LifecycleRule } from './lifecycle-rules.ts'

export type Versioning = 'Unversioned' | 'Enabled' | 'Suspended'

export interface BucketSettings {
  readonly versioning: Versioning
  /** Whether what happens in it becomes events on EventBridge. */
  readonly publishesEvents: boolean
  readonly cors: readonly CorsRule[]
  readonly lifecycle: readonly LifecycleRule[]
  /** What the template declares and nothing here acts upon, as it was declared. */
  readonly declared: Readonly<Record<string, unknown>>
}

export interface Bucket extends BucketSettings {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly created: number
}

export interface Buckets {
  find(name: string): Bucket | undefined
  /** By name. */
  list(): readonly Bucket[]
  /** Makes a bucket; one of that name keeps its objects and takes the new settings. */
  declare(name: string, settings: BucketSettings, now: number): void
}

export function openBuckets(db: Database): Buckets {
  db.exec(`create table if not exists s3_bucket (
    name text primary key, created integer not null, settings text not null
  ) strict, without rowid`)
  const upsert = db.prepare(`insert into s3_bucket values (?, ?, ?)
    on conflict (name) do update set settings = excluded.settings`)

  const buckets = new Map<string, Bucket>()
  for (const row of db.prepare('select * from s3_bucket').all()) {
    const { name, created, settings } = row as { name: string; created: number; settings: string }
    // An older runtime kept no rules; the template brings them with this start.
    buckets.set(name, { name, created, lifecycle: [], ...(JSON.parse(settings) as Omit<BucketSettings, 'lifecycle'>) })
  }

  return {
    find: (name) => buckets.get(name),
    list: () => [...buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    declare(name, settings, now) {
      const created = buckets.get(name)?.created ?? now
      upsert.run(name, created, JSON.stringify(settings))
      buckets.set(name, { name, created, ...settings })
    },
  }
}
