import { LIMITS } from './limits.ts'
import { CHECKS, MAKING_STEPS, REQUIREMENTS, requiredSteps } from './required-steps.ts'

it('asks for the checks of a kind that are switched on, and for no others', () => {
  expect(requiredSteps('voice', ['scan-malware', 'moderate-content'])).toEqual([
    'extract-metadata',
    'process-voice',
    'scan-malware',
  ])
  expect(requiredSteps('voice', [])).toEqual(['extract-metadata', 'process-voice'])
})

it('asks for every check of a kind that it doesn’t know', () => {
  expect(requiredSteps('sticker', CHECKS)).toEqual(CHECKS)
  expect(requiredSteps('sticker', ['scan-malware'])).toEqual(['scan-malware'])
})

it('knows every kind that can be uploaded, and no step both as a check and as one that makes something', () => {
  expect(Object.keys(REQUIREMENTS).sort()).toEqual(Object.keys(LIMITS.processing.deadlineSeconds).sort())
  expect(CHECKS.filter((check) => MAKING_STEPS.includes(check))).toEqual([])
})
