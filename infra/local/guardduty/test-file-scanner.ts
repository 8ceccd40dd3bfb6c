import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Scanner } from './scanner.ts'

/** The SHA-256 of the 68 characters of the EICAR test file, which stand nowhere here: they would alarm real scanners. */
const EICAR_SHA256 = '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f'
const EICAR_BYTES = 68

/**
 * Stands in where no real scanner is at hand. It knows one thing: the EICAR test file, which the world's scanners have
 * agreed to call malware (https://www.eicar.org/download-anti-malware-testfile/). A file that begins with its 68
 * characters is found, whatever follows them. Everything else is clean; archives are not opened.
 */
export const testFileScanner: Scanner = {
  name: 'a stand-in that knows the EICAR test file alone',
  async scan(paths) {
    return Promise.all(
      paths.map(async (path) =>
        (await isEicar(path))
          ? ({ status: 'THREATS_FOUND', threats: ['EICAR-Test-File'] } as const)
          : ({ status: 'NO_THREATS_FOUND' } as const),
      ),
    )
  },
}

async function isEicar(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(EICAR_BYTES), 0, EICAR_BYTES, 0)
    return bytesRead === EICAR_BYTES && createHash('sha256').update(buffer).digest('hex') === EICAR_SHA256
  } finally {
    await file.close()
  }
}
