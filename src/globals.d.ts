/** Versions in package.json, written in by the build. */
declare const __SILL_VERSIONS__: { readonly sill: string; readonly onnxruntime: string; readonly transformers: string };

/** Of the files of each build of the runtime, written in by the build: to tell a person before anything is fetched. */
declare const __SILL_RUNTIME_BYTES__: Readonly<Record<import('./core/builds.ts').RuntimeBuild, number>>;

/** Whose models the app accepts, written in by the build: no request for it can be answered by somebody else, or hold up the start. */
declare const __SILL_TRUST__: { readonly root: string; readonly floor: string };

/** Where models may come from besides the site's own catalog, by the policy at build time. */
declare const __SILL_SOURCES__: ReadonlyArray<import('./core/sources.ts').Source>;

/** Where requests for an alias may be passed on to, by the policy at build time. */
declare const __SILL_UPSTREAMS__: ReadonlyArray<import('./core/upstreams.ts').Upstream>;

/** The security headers that follow from the policy at build time, for the service worker of a host that sends none. */
declare const __SILL_HEADERS__: Readonly<Record<import('./core/fileKind.ts').FileKind, Readonly<Record<string, string>>>>;
