import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './client.ts';

/** Tried again: what passes by itself. Not what was asked wrongly or is not allowed. */
const passes = (error: Error): boolean => !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: (failures, error) => failures < 2 && passes(error), staleTime: 10_000, refetchOnWindowFocus: false },
  },
});
