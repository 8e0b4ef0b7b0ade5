/** The version in package.json, written in by the build. */
declare const __SILL_VERSION__: string;
