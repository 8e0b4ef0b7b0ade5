/** Serves the built app: `tsx tools/serve.ts [--base /apps/sill/] [--dir dist]`, with PORT and HOST from the environment. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createServer } from './serve/server.ts';

const DEFAULT_PORT = 4173;

const { values } = parseArgs({
  options: { base: { type: 'string', default: '/' }, dir: { type: 'string', default: resolve(import.meta.dirname, '../dist') } },
});
const base = `/${values.base}/`.replace(/\/+/g, '/');
const host = process.env.HOST || 'localhost';
const port = Number(process.env.PORT || DEFAULT_PORT);

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`PORT must be a number from 0 to 65535, and it is "${process.env.PORT}".`);

try {
  const url = await createServer({ directory: resolve(values.dir), base }).listen(port, host);
  console.log(`Sill is at ${url}`);
  if (!['localhost', '127.0.0.1', '::1'].includes(host)) {
    console.log(
      'Opened from another machine over plain http, the page can show itself but run no model: browsers allow that on https or localhost\n' +
        'only. Put a server with a certificate in front; deploy/ in the release archive has recipes.',
    );
  }
} catch (error) {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    fail(`Port ${port} is taken, perhaps by another Sill. Stop that program, or choose a port: PORT=${port + 1} npm start`);
  if (code === 'EACCES') fail(`Port ${port} needs rights that this user has not. Choose one above 1023: PORT=4173 npm start`);
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL')
    fail(`This machine has no address "${host}". Choose another HOST, or none for localhost.`);
  fail(error instanceof Error ? error.message : String(error));
}
