import { queryClient } from './data/query-client.ts';
import { sessionQuery } from './data/session.ts';
import { pageAt } from './pages/pages.ts';

/*
 * Small, and first. All that the address needs is asked for at once: the page's code, the code of what is around it, who is signed in, and,
 * as soon as that is known, what the page shows first. None of it waits until another was read and run.
 */

/** So long may the page itself keep back what is around it. */
const PATIENCE_MS = 1_000;

const page = pageAt(location.pathname);
const asked = queryClient.fetchQuery(sessionQuery).then((session) => {
  if (session !== null) page?.ahead?.(new URLSearchParams(location.search));
});
const ready = Promise.allSettled([asked, page?.view.load()]);
const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
// Not awaited here: the other files import from this one, and would wait for it.
void Promise.all([import('./console.tsx'), Promise.race([ready, late])]).then(([{ showConsole }]) => showConsole());
