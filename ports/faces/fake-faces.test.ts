import { fakeObjects } from '../objects/fake-objects.ts'
import { describeFaces } from './faces.suite.ts'
import { FAKE_FACE, fakeFaces } from './fake-faces.ts'

const SHOWN = {
  'one-face': [FAKE_FACE],
  'two-faces': [{ ...FAKE_FACE, width: 0.1 }, FAKE_FACE],
  'no-face': [],
  'too-small': 'too-small',
} as const

describeFaces('the fake', async () => {
  const objects = fakeObjects({ bucket: 'media' })
  const shown = new Map<string, keyof typeof SHOWN>()
  let count = 0
  return {
    faces: fakeFaces({ objects, see: ({ key }) => SHOWN[shown.get(key) ?? 'no-face'] }),
    async store(shows) {
      const key = `profiles/optimized/${++count}.jpg`
      shown.set(key, shows)
      return objects.put(key, Buffer.from(key), { contentType: 'image/jpeg' })
    },
  }
})
