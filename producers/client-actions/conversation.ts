import type { ReadModel } from '../../ports/read-model/read-model.ts'

/** Whether `uid` is in `conversations/{conversationId}`; nobody is in one that isn't there. */
export async function isMember(
  readModel: Pick<ReadModel, 'get'>,
  conversationId: string,
  uid: string,
): Promise<boolean> {
  const [conversation] = await readModel.get([`conversations/${conversationId}`])
  const memberIds = conversation?.data['memberIds']
  return Array.isArray(memberIds) && memberIds.includes(uid)
}
