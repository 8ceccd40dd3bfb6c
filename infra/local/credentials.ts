import { randomBytes, randomInt } from 'node:crypto'
import type { Credentials } from './cloud.ts'
import type { Database } from './database.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The data folder's own pair of keys: made when the folder is new, and kept. */
export function loadCredentials(db: Database): Credentials {
  db.exec(
    'create table if not exists credentials (access_key_id text not null, secret_access_key text not null) strict',
  )
  return db.transaction(() => {
    const kept = db.prepare('select access_key_id, secret_access_key from credentials').get()
    if (kept) {
      return { accessKeyId: String(kept['access_key_id']), secretAccessKey: String(kept['secret_access_key']) }
    }
    const id = Array.from({ length: 16 }, () => BASE32[randomInt(BASE32.length)]).join('')
    const made = { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString('base64') }
    db.prepare('insert into credentials values (?, ?)').run(made.accessKeyId, made.secretAccessKey)
    return made
  })
}
