import { fakeReadModel } from './fake-read-model.ts'
import { describeReadModel } from './read-model.suite.ts'

describeReadModel('in memory', () => fakeReadModel())
