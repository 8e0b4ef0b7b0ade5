/** What a page tells of its surroundings: a worker knows neither. */
export interface Surroundings {
  /** Nobody looks at the page. */
  readonly hidden: boolean;
  /** Not charging, and nearly empty. False where the browser does not tell. */
  readonly lowBattery: boolean;
}

/** How a page is looked at, and how often that changed. */
export interface Looks {
  readonly hidden: boolean;
  readonly changes: number;
}

export interface Conditions {
  /** By connection: each tab sees itself only. */
  set(connection: string, surroundings: Surroundings): void;
  /** The tab is gone. */
  forget(connection: string): void;
  /** Of the page that hosts the engine, in which models compute: any tab, or a guest's frame. */
  setHost(looks: Pick<Surroundings, 'hidden'>): void;
  /** How the page of a connection is looked at, and the one that hosts the engine, as far as they have told. */
  looks(connection: string): { readonly asker: Looks | undefined; readonly host: Looks | undefined };
  /** Whether work that nobody waits for should be left for another time. */
  isSpared(): boolean;
  /** Whether a battery is nearly empty, looked at or not. */
  isLowOnPower(): boolean;
}

export function createConditions(): Conditions {
  const current = new Map<string, Surroundings & Looks>();
  let host: Looks | undefined;
  const changed = (before: Looks | undefined, hidden: boolean): Looks => ({
    hidden,
    changes: (before?.changes ?? 0) + (before !== undefined && before.hidden !== hidden ? 1 : 0),
  });
  return {
    set(connection, surroundings) {
      current.set(connection, { ...surroundings, ...changed(current.get(connection), surroundings.hidden) });
    },
    setHost({ hidden }) {
      host = changed(host, hidden);
    },
    looks: (connection) => ({ asker: current.get(connection), host }),
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
