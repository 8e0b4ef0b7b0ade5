import { Pace } from '../../core/pace.ts';
import { type FetchedFile, fetchModelFile } from '../../delivery/fetchModelFile.ts';
import { createPacedReport } from '../../delivery/pacedReport.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Fetcher } from '../../ports/delivery.ts';
import type { OpenDiskFile } from '../../ports/files.ts';
import type { FileImportProgress } from '../../protocol/importReports.ts';
import { partsOf } from './importSource.ts';

/** As often as eyes follow. */
const TELL_MS = 200;

/** Model files that were fetched: they lie on the disk until they are let go of. */
export interface FetchedFiles {
  /** All parts of a split file, by the address of any of them. @throws SillError `network_unavailable` | `chunk_unavailable` | `aborted` */
  fetch(url: string, signal: AbortSignal, onProgress?: (progress: FileImportProgress) => void): Promise<readonly File[]>;
  /** Nothing happens to those that a person chose. */
  letGo(files: readonly File[]): void;
}

export interface FetchedFilesDeps {
  readonly fetcher: Fetcher;
  readonly openDiskFile: OpenDiskFile;
  readonly clock: Clock;
}

export function createFetchedFiles({ fetcher, openDiskFile, clock }: FetchedFilesDeps): FetchedFiles {
  const fetched = new WeakMap<File, FetchedFile>();
  const letGo = (files: readonly File[]): void => {
    for (const file of files) void fetched.get(file)?.remove();
  };
  return {
    async fetch(url, signal, onProgress) {
      const urls = partsOf(url);
      const files: File[] = [];
      const pace = new Pace();
      let [doneBytes, totalBytes] = [0, 0];
      const report = createPacedReport(() => onProgress?.(progressOf(pace, clock, doneBytes, totalBytes)), TELL_MS, clock.monotonicMs);
      try {
        for (const [index, each] of urls.entries()) {
          const beforeBytes = doneBytes;
          const one = await fetchModelFile(fetcher, each, {
            ...{ signal, openFile: openDiskFile },
            onProgress(partBytes, partTotalBytes) {
              doneBytes = beforeBytes + partBytes;
              // Those that follow are as large, but for the last: nobody is asked before.
              totalBytes = partTotalBytes > 0 ? beforeBytes + partTotalBytes * (urls.length - index) : 0;
              report.changed();
            },
          });
          fetched.set(one.file, one);
          files.push(one.file);
        }
        return files;
      } catch (reason) {
        letGo(files);
        throw reason;
      } finally {
        report.stop();
      }
    },
    letGo,
  };
}

function progressOf(pace: Pace, clock: Clock, doneBytes: number, totalBytes: number): FileImportProgress {
  pace.mark(clock.monotonicMs(), doneBytes);
  const bytesPerSecond = pace.bytesPerSecond();
  const secondsLeft = totalBytes > 0 ? pace.secondsLeft(totalBytes - doneBytes) : undefined;
  return {
    ...{ phase: 'fetching', doneBytes, totalBytes },
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
  };
}
