import type { Digest } from '../core/ids.ts';
import type { ChunkStore } from '../ports/store.ts';

export const memoryChunks = (chunks: Map<Digest, Blob>): ChunkStore => ({
  async put(digest, data) {
    if (!chunks.has(digest)) chunks.set(digest, data instanceof Blob ? data : new Blob([data]));
  },
  async get(digest) {
    return chunks.get(digest);
  },
  async join(digests) {
    const found = digests.map((digest) => chunks.get(digest));
    return found.every((blob) => blob !== undefined) ? new Blob(found) : undefined;
  },
  async missing(digests) {
    return [...new Set(digests)].filter((digest) => !chunks.has(digest));
  },
  async delete(digests) {
    for (const digest of digests) chunks.delete(digest);
  },
  async list() {
    return [...chunks].map(([digest, data]) => ({ digest, sizeBytes: data.size }));
  },
});
