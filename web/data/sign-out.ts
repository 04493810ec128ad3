import { signOutEndpoint } from '../../src/api/contract/session.ts';
import { call } from './client.ts';

/** Ends the session and forgets all that the page holds in memory. */
export async function signOut(everywhere = false): Promise<void> {
  await call(signOutEndpoint, { body: { everywhere } });
  location.assign('/');
}
