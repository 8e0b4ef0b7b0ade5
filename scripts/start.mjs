// `npm start` on a fresh clone: installs, fetches the starter models, builds, serves. Later starts do only what has changed.
import { buildApp, installPackages, prepareModels, requireNode } from './node.mjs';

requireNode();
installPackages();
if (!prepareModels() || !buildApp()) process.exit(1);

// In this process, so that whoever stops it stops the server.
const { register } = await import('tsx/esm/api');
register();
await import('../tools/serve.ts');
