/** What a page tells of its surroundings: a worker knows neither. */
export interface Surroundings {
  /** Nobody looks at the page. */
  readonly hidden: boolean;
  /** Not charging, and nearly empty. False where the browser does not tell. */
  readonly lowBattery: boolean;
}

export interface Conditions {
  set(surroundings: Surroundings): void;
  /** Whether work that nobody waits for should be left for another time. */
  isSpared(): boolean;
}

export function createConditions(): Conditions {
  let current: Surroundings = { hidden: false, lowBattery: false };
  return {
    set(surroundings) {
      current = surroundings;
    },
    isSpared: () => current.hidden && current.lowBattery,
  };
}
