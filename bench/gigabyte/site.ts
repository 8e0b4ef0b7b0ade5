import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TestPublisher } from '../../e2e/support/publisher.ts';
import { filesOf, type Manifest, parseManifest } from '../../src/core/manifest.ts';
import { installedFolder } from '../stock/build.ts';
import { GIGABYTE_FOLDER, makeGigabyte } from './model.ts';

/** The built app with a model of a gigabyte among its own. */
export interface GigabyteSite {
  readonly directory: string;
  /** Of a variant, without the files beside them. */
  weightsBytes(variant: string): number;
  close(): Promise<void>;
}

export async function openGigabyteSite(app: string): Promise<GigabyteSite> {
  await makeGigabyte(await installedFolder(app, 'stories15m'));
  const publisher = await TestPublisher.open(resolve(app));
  await publisher.publish(GIGABYTE_FOLDER);
  const manifest: Manifest = parseManifest(JSON.parse(await readFile(join(GIGABYTE_FOLDER, 'manifest.json'), 'utf8')));
  return {
    directory: publisher.directory,
    weightsBytes: (variant) =>
      manifest.variants
        .filter(({ id }) => id === variant)
        .flatMap((each) => filesOf(manifest, each))
        .filter(({ path }) => path.endsWith('.onnx_data'))
        .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    close: () => publisher.close(),
  };
}
