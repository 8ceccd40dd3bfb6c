import { describeDocuments } from './documents.suite.ts'
import { fakeDocuments } from './fake-documents.ts'

describeDocuments('documents without a renderer', fakeDocuments)
