import type { EngineContract } from './engine.ts';
import type { FailoverOptions } from './failover.ts';

/** How what was asked of an engine goes on when another takes its place. Whatever is not named here begins again. */
export const engineFailover: Pick<FailoverOptions<EngineContract>, 'once' | 'continued'> = {
  once: new Set([
    'completions.create',
    'chat.completions.create',
    // A second time it would go back to where it came from.
    'models.rollback',
    // It may be there already, and would be there twice.
    'documents.add',
  ]),
  continued: {
    watch: () => ({
      params: () => ({}),
      take: (event) => event,
      // Whatever happened in between was told to nobody.
      missed: () => [{ type: 'models' }, { type: 'documents' }, { type: 'updates' }, { type: 'downloads' }],
    }),
  },
};
