import type { RuleCareService } from '../../api/deps.ts';
import type { App } from '../../app.ts';
import { placesText, readException } from '../../detect/sigma/exception.ts';
import { err, ok } from '../../lib/result.ts';

/** Changes count when they resolve: for every event that comes in from then on. */
export function createRuleCareService(app: App): RuleCareService {
  const { ruleCare: store } = app.state;
  return {
    exceptions: () => app.ruleBook.exceptions,
    said: (ruleId) => app.ruleBook.care.said(ruleId),
    add: async (exception) => {
      const { faults } = readException({ ...exception, id: '', createdAt: 0 }, app.ruleBook.reading);
      if (faults.found.length > 0) return err({ code: 'rejected', reason: placesText(faults) });
      const added = await store.addException(exception);
      if (added === undefined) return err({ code: 'full' });
      await app.refreshRuleCare();
      return ok(added);
    },
    delete: async (id) => {
      if (!(await store.deleteException(id))) return false;
      await app.refreshRuleCare();
      return true;
    },
    setMaturity: async (set) => {
      await store.setMaturity(set);
      await app.refreshRuleCare();
    },
  };
}
