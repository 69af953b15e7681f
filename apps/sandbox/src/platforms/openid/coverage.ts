import type { Coverage } from '#sandbox/platforms/lark/coverage.ts'

/** What the OpenID provider does: a certified implementation of the protocol, with people to choose from. */
export const coverage: Coverage[] = [
  {
    method: 'GET POST',
    path: '/openid',
    support: 'supported',
    fields:
      'discovery, authorization code with PKCE (S256, required), client_secret_basic, ID token RS256, userinfo; scopes openid, profile (name, uid, employeeId), email (email, email_verified)',
    codes: 'access_denied invalid_client invalid_grant invalid_request',
    notes: 'Asks who one is every time; asks for no consent; keeps nobody logged in. Its clock is that of the machine.',
  },
]
