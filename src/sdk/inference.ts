import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { Sill } from '../protocol/sill.ts';
import { askToKeep } from './keep.ts';
import { runDoor } from './run.ts';
import type { PagePowers } from './sill.ts';
import { streamed } from './stream.ts';

/** What every page has that may ask models at all: the app's own, and those that embed it. */
export type InferencePart = Pick<Sill, 'completions' | 'chat' | 'embeddings' | 'audio' | 'run' | 'health' | 'watch'> & {
  readonly models: Pick<Sill['models'], 'overview' | 'list' | 'install' | 'stop' | 'load'>;
};

export function createInference(client: Client<EngineContract>, page: Pick<PagePowers, 'persist' | 'decodeAudio'>): InferencePart {
  const overview: Sill['models']['overview'] = ({ recent, ...options } = {}) => client.call('models.list', { recent }, options);
  return {
    models: {
      overview,
      list: async (options) => (await overview(options)).models,
      async install(id, { revision, variant, ...options } = {}) {
        askToKeep(page);
        return client.call('models.install', { id, revision, variant }, telling(options));
      },
      stop: (id, options = {}) => client.call('models.stop', { id }, options),
      load: (id, { keep_alive, ...options } = {}) => client.call('models.load', { id, keep_alive }, options),
    },
    completions: { create: streamed((request, options) => client.call('completions.create', request, options)) },
    chat: { completions: { create: streamed((request, options) => client.call('chat.completions.create', request, options)) } },
    embeddings: { create: (request, options = {}) => client.call('embeddings.create', request, options) },
    audio: {
      transcriptions: {
        async create({ file, ...request }, options = {}) {
          const audio = file instanceof Float32Array ? new Float32Array(file) : await page.decodeAudio(file);
          return client.call('audio.transcriptions.create', { ...request, audio }, telling(options));
        },
      },
    },
    run: runDoor(client, page),
    health: (options = {}) => client.call('health', {}, options),
    watch(listener) {
      const abort = new AbortController();
      // An engine that is gone tells nothing more; the calls that need it say why.
      client.call('watch', {}, { signal: abort.signal, onItem: listener }).catch(() => undefined);
      return () => abort.abort();
    },
  };
}

/** The options of a call whose items are reports of how far it is. */
export const telling = <P>({
  signal,
  onProgress,
}: {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: P) => void) | undefined;
}) => ({
  ...(signal ? { signal } : {}),
  ...(onProgress ? { onItem: onProgress } : {}),
});
