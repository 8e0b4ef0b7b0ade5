/** The page that others show in a frame, relative to the app. */
export const EMBED_PAGE = 'embed.html';
/** What pages of other origins import, relative to the app. */
export const SDK_FOLDER = 'sdk';

/** Of all files, the few that pages of other origins have to do with. */
export type FileKind = 'own' | 'embed' | 'sdk';

/** @param path relative to the app's root, without a leading slash */
export const fileKind = (path: string): FileKind => (path === EMBED_PAGE ? 'embed' : path.startsWith(`${SDK_FOLDER}/`) ? 'sdk' : 'own');
