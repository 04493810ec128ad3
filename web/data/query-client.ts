import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './client.ts';

/** Tried again: what passes by itself. Not what was asked wrongly or is not allowed. */
const passes = (error: Error): boolean => !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

/**
 * A session that ended meanwhile, or is another since somebody signed in in another tab, shows at whatever the page asks next: it is looked
 * at again, and the page becomes the sign-in, or theirs. What was asked is not asked again by itself: it would be in another's name.
 */
const lookAgain = (error: Error): void => {
  if (!(error instanceof ApiError)) return;
  if (error.status === 401 || error.problem?.code === 'EAR_ACCESS_FORGERY') void queryClient.invalidateQueries({ queryKey: ['session'] });
};

const queryCache = new QueryCache({
  onError: (error, query) => {
    if (query.queryKey[0] !== 'session') lookAgain(error);
  },
});
const mutationCache = new MutationCache({ onError: lookAgain });

export const queryClient = new QueryClient({
  queryCache,
  mutationCache,
  defaultOptions: {
    queries: { retry: (failures, error) => failures < 2 && passes(error), staleTime: 10_000, refetchOnWindowFocus: false },
  },
});
