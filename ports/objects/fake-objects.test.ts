import { fakeObjects } from './fake-objects.ts'
import { describeObjects } from './objects.suite.ts'

describeObjects('the fake', async () => {
  const objects = fakeObjects({ bucket: 'media' })
  return { objects, post: objects.post, fetch: objects.fetch, tag: objects.tag }
})
