import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { dirname as folderOf, join } from 'node:path/posix';
import { parseArgs } from 'node:util';
import type { DataRange } from '../src/forge/externalData.ts';
import { readTensorLayout } from '../src/forge/tensorLayout.ts';
import { changedBytes } from './chunking/delta.ts';
import { type Files, pairs } from './chunking/pairs.ts';
import { WAYS, type Way } from './chunking/ways.ts';
import { describeMachine } from './measure/machine.ts';

const USAGE = `Usage: npm run bench:chunking -- [--json <file>]

Cuts pairs of revisions of real models in several ways and prints what a device that has the first of a pair fetches for the second:
bytes, divided by the bytes that really changed. Needs the starter models (npm run models).`;

interface Cell {
  readonly way: string;
  readonly chunks: number;
  readonly fetchedBytes: number;
  readonly fetchedOverChanged: number;
  /** Stretches of neighbouring chunks: each is a request. */
  readonly requests: number;
}

const { values } = parseArgs({ options: { json: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help) console.log(USAGE);
else await main(values.json);

async function main(json: string | undefined): Promise<void> {
  const rows: Array<{ pair: string; changedBytes: number; totalBytes: number; cells: Cell[] }> = [];
  const speeds = new Map<string, number[]>();
  for await (const { name, old, next } of pairs()) {
    const changed = [...next].reduce((sum, [path, bytes]) => sum + changedBytes(old.get(path) ?? new Uint8Array(), bytes), 0);
    const cells = WAYS.map((way) => measure(way, old, next, changed, speeds));
    const totalBytes = sizeOf(next);
    rows.push({ pair: name, changedBytes: changed, totalBytes, cells });
    console.log(`\n${name}: ${changed.toLocaleString('en')} of ${totalBytes.toLocaleString('en')} bytes changed`);
    console.table(
      Object.fromEntries(
        cells.map((cell) => [
          cell.way,
          { 'fetched / changed': cell.fetchedOverChanged, fetched: cell.fetchedBytes, requests: cell.requests, chunks: cell.chunks },
        ]),
      ),
    );
  }
  const megabytesPerSecond = Object.fromEntries([...speeds].map(([way, all]) => [way, Math.round(median(all))]));
  console.log('\nCutting, without hashing, MB/s (median):');
  console.table(megabytesPerSecond);
  if (json === undefined) return;
  mkdirSync(dirname(json), { recursive: true });
  writeFileSync(
    json,
    `${JSON.stringify({ machine: describeMachine('none'), cuttingMegabytesPerSecond: megabytesPerSecond, rows }, undefined, 1)}\n`,
  );
}

function measure(way: Way, old: Files, next: Files, changed: number, speeds: Map<string, number[]>): Cell {
  const had = new Set([...cut(way, old)].flatMap(([, chunks]) => chunks.map(({ digest }) => digest)));
  const startMs = performance.now();
  const tensors = tensorsOf(next);
  const lengths = new Map([...next].map(([path, bytes]) => [path, way.cut(bytes, tensors.get(path) ?? [])]));
  const seconds = (performance.now() - startMs) / 1000;
  speeds.set(way.name, [...(speeds.get(way.name) ?? []), sizeOf(next) / 1e6 / seconds]);
  let fetchedBytes = 0;
  let requests = 0;
  let chunks = 0;
  for (const [path, bytes] of next) {
    let isMissing = false;
    for (const { digest, sizeBytes } of digests(bytes, lengths.get(path) ?? [])) {
      chunks++;
      if (had.has(digest)) isMissing = false;
      else {
        if (!isMissing) requests++;
        isMissing = true;
        fetchedBytes += sizeBytes;
        had.add(digest);
      }
    }
  }
  const fetchedOverChanged = Math.round((fetchedBytes / changed) * 1000) / 1000;
  return { way: way.name, chunks, fetchedBytes, fetchedOverChanged, requests };
}

function cut(way: Way, files: Files) {
  const tensors = tensorsOf(files);
  return new Map([...files].map(([path, bytes]) => [path, digests(bytes, way.cut(bytes, tensors.get(path) ?? []))]));
}

function digests(bytes: Uint8Array, lengths: readonly number[]) {
  let end = 0;
  return lengths.map((sizeBytes) => {
    end += sizeBytes;
    return {
      sizeBytes,
      digest: createHash('sha256')
        .update(bytes.subarray(end - sizeBytes, end))
        .digest('hex'),
    };
  });
}

function tensorsOf(files: Files): Map<string, readonly DataRange[]> {
  const found = new Map<string, readonly DataRange[]>();
  for (const [path, bytes] of files) {
    if (!path.endsWith('.onnx')) continue;
    const source = { sizeBytes: bytes.length, read: (offset: number, length: number) => bytes.subarray(offset, offset + length) };
    const { own, external } = readTensorLayout(source);
    found.set(path, own);
    for (const [location, ranges] of external) found.set(join(folderOf(path), location), ranges);
  }
  return found;
}

function sizeOf(files: Files): number {
  return [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
}

function median(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
}
