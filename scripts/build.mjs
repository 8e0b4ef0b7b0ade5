// `npm run build`: the production build, if anything that goes into it has changed.
import { buildApp, installPackages, prepareModels, requireNode } from './node.mjs';

requireNode();
installPackages();
process.exitCode = prepareModels() && buildApp() ? 0 : 1;
