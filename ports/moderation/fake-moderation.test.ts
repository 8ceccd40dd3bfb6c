import { fakeObjects } from '../objects/fake-objects.ts'
import { fakeModeration, type Seen } from './fake-moderation.ts'
import { describeModeration } from './moderation.suite.ts'

const GORE: Seen = [
  { name: 'Violence', confidence: 96.2 },
  { name: 'Graphic Violence', parent: 'Violence', confidence: 96.2 },
  { name: 'Blood & Gore', parent: 'Graphic Violence', confidence: 96.2 },
]

describeModeration('the fake', async () => {
  const objects = fakeObjects({ bucket: 'media' })
  const shown = new Map<string, Seen>()
  let count = 0
  return {
    moderation: fakeModeration({ objects, see: ({ versionId }) => shown.get(versionId) ?? [] }),
    async store(shows) {
      const key = `images/optimized/${++count}.jpg`
      const picture = await objects.put(key, Buffer.from(key), { contentType: 'image/jpeg' })
      shown.set(picture.versionId, shows === 'gore' ? GORE : shows === 'nothing' ? [] : shows)
      return picture
    },
    async overwrite({ key }) {
      await objects.put(key, Buffer.from('other bytes'), { contentType: 'image/jpeg' })
    },
  }
})
