/** Versions in package.json, written in by the build. */
declare const __SILL_VERSIONS__: { readonly sill: string; readonly onnxruntime: string; readonly transformers: string };

/** The security headers that follow from the policy at build time, for the service worker of a host that sends none. */
declare const __SILL_HEADERS__: Readonly<Record<string, string>>;
