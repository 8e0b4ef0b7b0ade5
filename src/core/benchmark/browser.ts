/** Which browser an agent string is of; all empty where it is of a kind that nobody knows here. */
export interface Browser {
  readonly family: string;
  /** The major one. */
  readonly version: string;
  readonly system: string;
}

const FAMILIES: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', HeadlessChrome: 'Chrome' };
const SYSTEMS = ['Windows', 'Android', 'iPhone', 'iPad', 'Mac', 'CrOS', 'Linux'];

export function browserOf(userAgent: string): Browser {
  const [, named = ''] = /\(([^);]+)/.exec(userAgent) ?? [];
  const [found, engine = '', safari, version = ''] = /(?:(Edg|OPR|Firefox|HeadlessChrome|Chrome)\/|(Version)\/)(\d+)/.exec(userAgent) ?? [];
  if (found === undefined) return { family: '', version: '', system: '' };
  const family = safari ? 'Safari' : (FAMILIES[engine] ?? engine);
  return { family, version, system: SYSTEMS.find((each) => userAgent.includes(each)) ?? named };
}
