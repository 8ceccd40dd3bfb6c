import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipOf } from '../../../tests/fixtures/zip.ts'
import { EICAR } from './eicar-for-test.ts'
import { testFileScanner } from './test-file-scanner.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-file-scanner-'))
afterAll(() => rmSync(folder, { recursive: true }))

it.each<[string, string | Buffer, string]>([
  ['the test file', EICAR, 'THREATS_FOUND'],
  ['the test file with the white space that its standard allows', `${EICAR}\r\n`, 'THREATS_FOUND'],
  ['a larger file that begins with it', EICAR + 'x'.repeat(5000), 'THREATS_FOUND'],
  ['a page that quotes it', `The test file is ${EICAR}`, 'NO_THREATS_FOUND'],
  ['a file that stops short of it', EICAR.slice(0, -1), 'NO_THREATS_FOUND'],
  ['an archive that holds it: it opens none', zipOf([{ name: 'eicar.com', body: EICAR }]), 'NO_THREATS_FOUND'],
  ['nothing', '', 'NO_THREATS_FOUND'],
])('takes %s for what it is', async (_, bytes, status) => {
  const file = join(folder, 'file')
  writeFileSync(file, bytes)
  expect(await testFileScanner.scan([file], AbortSignal.timeout(1000))).toMatchObject([{ status }])
})
