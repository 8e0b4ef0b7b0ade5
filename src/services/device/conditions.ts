/** What a page tells of its surroundings: a worker knows neither. */
export interface Surroundings {
  /** Nobody looks at the page. */
  readonly hidden: boolean;
  /** Not charging, and nearly empty. False where the browser does not tell. */
  readonly lowBattery: boolean;
}

export interface Conditions {
  /** By connection: each tab sees itself only. */
  set(connection: string, surroundings: Surroundings): void;
  /** The tab is gone. */
  forget(connection: string): void;
  /** How the page of a connection is looked at, and how often that changed. Nothing where it has not told. */
  looks(connection: string): { readonly hidden: boolean; readonly changes: number } | undefined;
  /** Whether work that nobody waits for should be left for another time. */
  isSpared(): boolean;
  /** Whether a battery is nearly empty, looked at or not. */
  isLowOnPower(): boolean;
}

export function createConditions(): Conditions {
  const current = new Map<string, Surroundings & { readonly changes: number }>();
  return {
    set(connection, surroundings) {
      const { hidden = surroundings.hidden, changes = 0 } = current.get(connection) ?? {};
      current.set(connection, { ...surroundings, changes: changes + (hidden === surroundings.hidden ? 0 : 1) });
    },
    looks: (connection) => current.get(connection),
    forget(connection) {
      current.delete(connection);
    },
    isLowOnPower: () => [...current.values()].some(({ lowBattery }) => lowBattery),
    isSpared() {
      const tabs = [...current.values()];
      return tabs.every(({ hidden }) => hidden) && tabs.some(({ lowBattery }) => lowBattery);
    },
  };
}
