declare module '@npmcli/config' {
  /** npm's own reading of command line, environment and `.npmrc` files. */
  export default class Config {
    constructor(options: {
      npmPath: string;
      definitions: unknown;
      shorthands: unknown;
      flatten: unknown;
      argv?: readonly string[];
      cwd?: string;
      warn?: boolean;
    });
    load(): Promise<void>;
    /** As npm's libraries take it, `pacote` among them. */
    readonly flat: Record<string, unknown>;
  }
}

declare module '@npmcli/config/lib/definitions/index.js' {
  const npm: { definitions: unknown; shorthands: unknown; flatten: unknown };
  export default npm;
}
