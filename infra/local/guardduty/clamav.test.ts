import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { zipOf } from '../../../tests/fixtures/zip.ts'
import { clamAv } from './clamav.ts'

const clamscan = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'clamscan'))
  .find((file) => existsSync(file))
const withClamAv = clamscan === undefined ? it.skip : it

const folder = mkdtempSync(join(tmpdir(), 'clamav-'))
afterAll(() => rmSync(folder, { recursive: true }))

const BAD = 'a body that this test alone calls malware'
const MARK = 'a mark that this test alone calls malware'
const file = (name: string, body: string | Buffer) => {
  writeFileSync(join(folder, name), body)
  return join(folder, name)
}

/** Signatures of our own: by the hash of a whole file, and by bytes anywhere in one. */
function database(): string {
  const md5 = createHash('md5').update(BAD).digest('hex')
  const hashes = file('own.hdb', `${md5}:${BAD.length}:Test.Whole\n`)
  file('own.ndb', `Test.Marked:0:*:${Buffer.from(MARK).toString('hex')}\n`)
  return join(hashes, '..')
}

const scanner = (path: string) => clamAv({ program: 'clamscan', path, database: database() })
const signal = () => AbortSignal.timeout(60_000)

withClamAv('finds what its signatures name, in archives too, and lets the rest pass, in one run', async () => {
  const files = [
    file('clean', 'hello'),
    file('empty', ''),
    file('bad', BAD),
    file('marked', `before ${MARK} after`),
    file('packed.zip', zipOf([{ name: 'inside', body: `in an archive: ${MARK}` }])),
    file('secret.zip', zipOf([{ name: 'inside', body: 'x'.repeat(40), encrypted: true }])),
    join(folder, 'none'),
  ]
  expect(await scanner(clamscan ?? '').scan(files, signal())).toEqual([
    { status: 'NO_THREATS_FOUND' },
    { status: 'NO_THREATS_FOUND' },
    { status: 'THREATS_FOUND', threats: ['Test.Whole.UNOFFICIAL'] },
    { status: 'THREATS_FOUND', threats: ['Test.Marked.UNOFFICIAL'] },
    { status: 'THREATS_FOUND', threats: ['Test.Marked.UNOFFICIAL'] },
    { status: 'UNSUPPORTED', reason: 'PASSWORD_PROTECTED' },
    { status: 'FAILED' },
  ])
})

withClamAv('says why where it can’t run', async () => {
  const broken = clamAv({ program: 'clamscan', path: clamscan ?? '', database: join(folder, 'nowhere') })
  await expect(broken.scan([file('clean', 'hello')], signal())).rejects.toThrow('could not scan')
  const missing = clamAv({ program: 'clamscan', path: join(folder, 'no-program') })
  await expect(missing.scan([file('clean', 'hello')], signal())).rejects.toThrow('could not scan')
})
