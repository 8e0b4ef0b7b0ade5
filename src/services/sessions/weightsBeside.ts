import type { ByteSource } from '../../forge/byteSource.ts';
import { splitWeights } from '../../forge/splitWeights.ts';
import type { LoadSpec } from '../../ports/runtime.ts';

/** Smaller files are read in one go sooner than looked through. */
const MIN_FILE_BYTES = 4 * 1024 * 1024;
/** Tags and lengths are a few bytes each, and close together. */
const WINDOW_BYTES = 64 * 1024;

/**
 * A graph that holds its weights itself gets them beside it: they are read where they lie in the stored file, one at a time, in place of a copy of
 * all of them. Nothing is stored for it.
 * @param sourceOf reads a Blob at once, which only a worker can; without it files are loaded whole
 */
export function withWeightsBeside(files: LoadSpec['files'], sourceOf: ((blob: Blob) => ByteSource) | undefined): LoadSpec['files'] {
  if (!sourceOf) return files;
  return files.flatMap((file) => {
    const { path, blob } = file;
    const others = files.filter((other) => other !== file);
    // A runtime knows what lies beside a graph by its name alone, without a folder.
    const isNamedAlone = others.every((other) => !nameOf(other.path).startsWith(nameOf(path)));
    const isWhole = path.endsWith('.onnx') && blob.size >= MIN_FILE_BYTES && isNamedAlone;
    const graph = isWhole ? graphOf(path, sourceOf(blob)) : undefined;
    return graph
      ? [
          { path, blob: new Blob([graph]) },
          { path: `${path}_data`, blob },
        ]
      : [file];
  });
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function graphOf(path: string, source: ByteSource): Uint8Array<ArrayBuffer> | undefined {
  try {
    return splitWeights(windowed(source), `${nameOf(path)}_data`);
  } catch (reason) {
    // No such file: the runtime says what it thinks of it.
    if (reason instanceof RangeError) return undefined;
    throw reason;
  }
}

/** Many short reads at one place cost one. */
function windowed(source: ByteSource): ByteSource {
  let start = 0;
  let bytes: Uint8Array = new Uint8Array();
  return {
    sizeBytes: source.sizeBytes,
    read(offsetBytes, lengthBytes) {
      if (lengthBytes > WINDOW_BYTES) return source.read(offsetBytes, lengthBytes);
      if (offsetBytes < start || offsetBytes + lengthBytes > start + bytes.length) {
        start = offsetBytes;
        bytes = source.read(offsetBytes, Math.min(WINDOW_BYTES, source.sizeBytes - offsetBytes));
      }
      return bytes.slice(offsetBytes - start, offsetBytes - start + lengthBytes);
    },
  };
}
