import { SCENE_SIZE, scene } from '../../tests/fixtures/scene.ts'
import { decodeHeic } from './heic.ts'

// No encoder for HEVC is at hand: AVIF, the same container with another codec, shows how far the reading gets.
describe('decoding HEIC', () => {
  const avif = () => scene().avif({ effort: 0 }).toBuffer()

  test('reads the container and its primary picture, and says which codec it lacks', async () => {
    await expect(decodeHeic(await avif(), SCENE_SIZE)).rejects.toThrow('compression format has not been built in')
  })

  test('refuses a header that two readers understand differently', async () => {
    const half = { width: SCENE_SIZE.width / 2, height: SCENE_SIZE.height }
    await expect(decodeHeic(await avif(), half)).rejects.toThrow('the header contradicts itself')
  })

  test('rejects with a reason when the file is cut off or is none', async () => {
    await expect(decodeHeic((await avif()).subarray(0, 200), SCENE_SIZE)).rejects.toThrow('heif: Invalid input')
    await expect(decodeHeic(Buffer.from('nothing of the kind'), SCENE_SIZE)).rejects.toThrow('heif: Invalid input')
  })
})
