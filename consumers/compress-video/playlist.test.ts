import { filesOf } from './playlist.ts'

it('takes one file whose segments are byte ranges for what it is: the rendition', () => {
  const ranges = [
    '#EXTM3U',
    '#EXT-X-MAP:URI="720p.mp4",BYTERANGE="900@0"',
    '#EXTINF:4.0,',
    '#EXT-X-BYTERANGE:1000@900',
    '720p.mp4',
    '#EXTINF:4.0,',
    '#EXT-X-BYTERANGE:1000@1900',
    '720p.mp4',
    '#EXT-X-ENDLIST',
  ]
  expect(filesOf(ranges.join('\n'))).toEqual(['720p.mp4'])
})

it('puts the initialisation before the segments, wherever it is named', () => {
  const segments =
    '#EXTM3U\r\n#EXT-X-MAP:BYTERANGE="9@0",URI="init.mp4"\r\n#EXTINF:4,\r\na_1.m4s\r\n#EXTINF:4,\r\na_2.m4s\r\n'
  expect(filesOf(segments)).toEqual(['init.mp4', 'a_1.m4s', 'a_2.m4s'])
})

it.each(['../other.mp4', '/etc/passwd', 'https://example.com/a.mp4', 'a/b.mp4', '.', ''])(
  'refuses a name that leads elsewhere: %p',
  (name) => {
    const read = () => filesOf(`#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:4,\n${name}\n`)
    if (name === '') expect(read()).toEqual(['init.mp4'])
    else expect(read).toThrow('which is no file beside it')
  },
)
