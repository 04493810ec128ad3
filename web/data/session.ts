import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { Scope } from '../../src/api/contract/endpoint.ts';
import { type Session, sessionEndpoint } from '../../src/api/contract/session.ts';
import { ApiError, call, setCsrfToken } from './client.ts';

/** The session, or null for who is not signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  refetchOnWindowFocus: true,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const found = await call(sessionEndpoint, { signal });
      setCsrfToken(found.csrf_token);
      return found;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});

export const useSessionQuery = () => useQuery(sessionQuery);

export const SessionContext = createContext<Session | undefined>(undefined);

/** Who is signed in. Only below the frame, which has somebody signed in. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('nobody is signed in here');
  return session;
}

/** Whether they may do what an endpoint of this scope does: what they may not is not offered. */
export const may = ({ scopes }: Session, scope: Scope): boolean => scopes.includes(scope) || scopes.includes('admin');
