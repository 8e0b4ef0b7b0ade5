import { msg } from '@lit/localize';

/** In the order in which they are offered. */
export const GUIDES = [
  'chat',
  'operate',
  'deploy',
  'publish',
  'sources',
  'benchmark',
  'evaluate',
  'import',
  'modelfile',
  'api',
  'embed',
  'structured-output',
  'sampling',
  'tasks',
  'security',
] as const;
export type Guide = (typeof GUIDES)[number];

/** As they lie in the source and in the release archive. */
export const guideFile = (name: Guide): string => (name === 'deploy' ? 'deploy/README.md' : `docs/${name}.md`);

/** In an address: none of them. The plain address of a view shows again what it showed last. */
export const ALL_GUIDES = 'all';

export const guideNamed = (name: string | undefined): Guide | undefined => GUIDES.find((each) => each === name);

/** Whom or what a guide is for. */
export const guideWords = (name: Guide): string =>
  ({
    chat: () => msg('For whoever talks with a model: your own files and documents, and what the model is given of them.'),
    operate: () => msg('For whoever runs this site: kiosks, updates, what to do when something goes wrong.'),
    deploy: () => msg('How the files get onto a web server, and what the policy of a site may say.'),
    publish: () => msg('How models get into the list, are rolled out and withdrawn.'),
    sources: () => msg('Models from mirrors, other publishers and hubs.'),
    benchmark: () => msg('How speed is measured, by hand and without.'),
    evaluate: () => msg('How quality is measured, and what a suite says.'),
    import: () => msg('Model files that you bring yourself.'),
    modelfile: () => msg('Models that are made of others.'),
    api: () => msg('For programs that ask the models here.'),
    embed: () => msg('For pages that show Sill in a frame.'),
    'structured-output': () => msg('Answers that keep to a form, and calls of tools.'),
    sampling: () => msg('Every parameter of an answer.'),
    tasks: () => msg('For pictures, sounds and whatever else models do.'),
    security: () => msg('What protects what, and from whom.'),
  })[name]();
