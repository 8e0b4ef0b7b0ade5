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
  /** Whether work that nobody waits for should be left for another time. */
  isSpared(): boolean;
}

export function createConditions(): Conditions {
  const current = new Map<string, Surroundings>();
  return {
    set(connection, surroundings) {
      current.set(connection, surroundings);
    },
    forget(connection) {
      current.delete(connection);
    },
    isSpared() {
      const tabs = [...current.values()];
      return tabs.every(({ hidden }) => hidden) && tabs.some(({ lowBattery }) => lowBattery);
    },
  };
}
