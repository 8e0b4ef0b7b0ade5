import Config from '@npmcli/config';
import npm from '@npmcli/config/lib/definitions/index.js';

/**
 * What npm would use in this folder: registry, credentials, proxy, certificates and cache. A site with its own registry sets them
 * once, for `npm ci` and for this.
 */
export async function npmOptions(cwd: string): Promise<Record<string, unknown>> {
  // `argv` is ours, not npm's; `npmPath` only leads to defaults of npm's packager.
  const config = new Config({ npmPath: cwd, ...npm, argv: [process.execPath, 'npm'], cwd, warn: false });
  await config.load();
  return config.flat;
}
