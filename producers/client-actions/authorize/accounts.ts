import { GoogleAuth } from 'google-auth-library'

/** What Firebase Authentication knows of its people beyond what their tokens say. */
export interface Accounts {
  /**
   * Seconds since 1970 from which on a sign-in counts, or undefined for an account that is disabled or gone.
   *
   * @throws where the service can't be reached.
   */
  validSince(uid: string): Promise<number | undefined>
}

interface LookupAnswer {
  readonly users?: readonly { readonly disabled?: boolean; readonly validSince?: string }[]
}

/** Accounts as Google's Identity Toolkit has them; a revoked session has a `validSince` after its sign-in. */
export function firebaseAccounts({ projectId }: { readonly projectId: string }): Accounts {
  const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/identitytoolkit' })
  const url = `https://identitytoolkit.googleapis.com/v1/projects/${projectId}/accounts:lookup`
  return {
    async validSince(uid) {
      const { data } = await auth.request<LookupAnswer>({ url, method: 'POST', data: { localId: [uid] } })
      const user = data.users?.[0]
      return user === undefined || user.disabled === true ? undefined : Number(user.validSince ?? 0)
    },
  }
}

/** For tokens of the emulator: whoever makes them keeps no accounts. */
export const everyAccount: Accounts = { validSince: async () => 0 }
