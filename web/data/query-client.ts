import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './client.ts';

/** Tried again: what passes by itself. Not what was asked wrongly or is not allowed. */
const passes = (error: Error): boolean => !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

/** A session that ended meanwhile shows at whatever the page asks next: it is looked at again, and the page becomes the sign-in. */
const queryCache = new QueryCache({
  onError: (error, query) => {
    if (error instanceof ApiError && error.status === 401 && query.queryKey[0] !== 'session')
      void queryClient.invalidateQueries({ queryKey: ['session'] });
  },
});

export const queryClient = new QueryClient({
  queryCache,
  defaultOptions: {
    queries: { retry: (failures, error) => failures < 2 && passes(error), staleTime: 10_000, refetchOnWindowFocus: false },
  },
});
