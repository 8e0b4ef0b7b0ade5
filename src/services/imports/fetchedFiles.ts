import { type FetchedFile, fetchModelFile } from '../../delivery/fetchModelFile.ts';
import type { Fetcher } from '../../ports/delivery.ts';
import type { OpenDiskFile } from '../../ports/files.ts';
import type { FileImportProgress } from '../../protocol/importReports.ts';

/** Model files that were fetched: they lie on the disk until they are let go of. */
export interface FetchedFiles {
  /** @throws SillError `network_unavailable` | `chunk_unavailable` | `aborted` */
  fetch(url: string, signal: AbortSignal, onProgress?: (progress: FileImportProgress) => void): Promise<File>;
  /** Nothing happens to those that a person chose. */
  letGo(files: readonly File[]): void;
}

export interface FetchedFilesDeps {
  readonly fetcher: Fetcher;
  readonly openDiskFile: OpenDiskFile;
}

export function createFetchedFiles({ fetcher, openDiskFile }: FetchedFilesDeps): FetchedFiles {
  const fetched = new WeakMap<File, FetchedFile>();
  return {
    async fetch(url, signal, onProgress) {
      const one = await fetchModelFile(fetcher, url, {
        ...{ signal, openFile: openDiskFile },
        onProgress: (doneBytes, totalBytes) => onProgress?.({ phase: 'fetching', doneBytes, totalBytes }),
      });
      fetched.set(one.file, one);
      return one.file;
    },
    letGo(files) {
      for (const file of files) void fetched.get(file)?.remove();
    },
  };
}
