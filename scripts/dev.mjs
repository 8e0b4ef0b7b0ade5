// `npm run dev`: the app from source with hot reload. The service worker is left out; everything else is as in production.
import { installPackages, prepareModels, requireNode, tool } from './node.mjs';

requireNode();
installPackages();
if (!prepareModels() || !tool('tsx', ['tools/icons.ts'])) process.exit(1);
process.exitCode = tool('vite', process.argv.slice(2)) ? 0 : 1;
