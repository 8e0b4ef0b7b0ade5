import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import type { SourcePackage } from '../sources.ts';

export interface TestPackage {
  readonly source: SourcePackage;
  readonly tarball: Uint8Array;
}

const digest = (algorithm: string, data: string | Uint8Array, encoding: 'hex' | 'base64'): string =>
  createHash(algorithm).update(data).digest(encoding);

/** A package of these files (by path inside it), of which `wanted` are pinned as `sources.ts` pins. */
export async function testPackage(name: string, files: Readonly<Record<string, string>>, wanted: readonly string[]): Promise<TestPackage> {
  const entries = Object.entries({ ...files, 'package.json': JSON.stringify({ name, version: '1.0.0' }) });
  const tar = await packTar(
    entries.map(([path, body]) => ({ header: { name: `package/${path}`, size: Buffer.byteLength(body), type: 'file' }, body })),
  );
  const tarball = gzipSync(tar);
  const source = {
    name,
    version: '1.0.0',
    integrity: `sha512-${digest('sha512', tarball, 'base64')}`,
    tarballBytes: tarball.byteLength,
    files: Object.fromEntries(wanted.map((path) => [path, digest('sha256', files[path] ?? '', 'hex')])),
  };
  return { source, tarball };
}

export interface TestRegistry {
  readonly url: string;
  /** Paths asked for, in order. */
  readonly requests: string[];
  /** Tarballs of these packages end in the middle of the connection. */
  readonly broken: Set<string>;
  close(): void;
}

/** A registry on this machine that has these packages. */
export async function testRegistry(packages: readonly TestPackage[]): Promise<TestRegistry> {
  const requests: string[] = [];
  const broken = new Set<string>();
  let url = '';
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    requests.push(path);
    const found = packages.find(({ source }) => path.split('/')[1] === source.name);
    if (!found) return response.writeHead(404).end();
    const { source, tarball } = found;
    if (path.endsWith('.tgz')) {
      response.writeHead(200, { 'content-length': tarball.byteLength });
      if (!broken.has(source.name)) return response.end(tarball);
      response.write(tarball.subarray(0, tarball.byteLength / 2), () => response.destroy());
      return response;
    }
    const dist = { tarball: `${url}${source.name}/-/${source.name}-1.0.0.tgz`, integrity: source.integrity };
    const version = { name: source.name, version: '1.0.0', dist };
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ name: source.name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test registry has no port');
  url = `http://127.0.0.1:${address.port}/`;
  return { url, requests, broken, close: () => server.close().closeAllConnections() };
}
