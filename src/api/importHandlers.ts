import type { EngineContract } from '../protocol/engine.ts';
import type { FileImportProgress } from '../protocol/importReports.ts';
import type { importMethods } from '../protocol/imports.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';
import { settled } from './settled.ts';

type ImportHandlers = Pick<Handlers<EngineContract>, keyof typeof importMethods>;

/** Whoever asked may be gone. */
const telling =
  (emit: (progress: FileImportProgress) => Promise<unknown>) =>
  (progress: FileImportProgress): void =>
    void emit(progress).catch(() => undefined);

/** What is asked about model files of another format. */
export function importHandlers(engine: () => Promise<Engine>): ImportHandlers {
  const named = (name: string | undefined) => (name === undefined ? {} : { name });
  return {
    'models.inspectFile': async ({ from, name }, { signal, emit }) =>
      (await engine()).imports.inspect(from, { signal, onProgress: telling(emit), ...named(name) }),
    'models.importFile': async ({ from, name, variant }, { signal, emit }) => {
      const running = await engine();
      const onProgress = telling(emit);
      const wished = variant === undefined ? {} : { variant };
      return settled(running, await running.imports.run(from, { signal, onProgress, ...named(name), ...wished }), { signal });
    },
    'imports.list': async () => (await engine()).imports.list(),
    'imports.pause': async ({ id }) => (await engine()).imports.pause(id),
    'imports.resume': async ({ id }, { signal, emit }) => {
      const running = await engine();
      const onProgress = telling(emit);
      return settled(running, await running.imports.resume(id, { signal, onProgress }), { signal });
    },
    'imports.handles': async ({ id }) => (await engine()).imports.handles(id),
    'imports.cancel': async ({ id }) => (await engine()).imports.cancel(id),
  };
}
