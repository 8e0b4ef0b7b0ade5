/** Of 1, as https://www.w3.org/TR/battery-status/ counts, which Chromium has and others do not. */
const LOW_LEVEL = 0.2;

export interface Surroundings {
  readonly hidden: boolean;
  readonly lowBattery: boolean;
}

/** Tells now and whenever the page is hidden or shown, or the battery becomes low or is charged. */
export async function watchSurroundings(tell: (surroundings: Surroundings) => void): Promise<void> {
  const battery = await askBattery();
  const look = (): void => {
    tell({ hidden: document.visibilityState === 'hidden', lowBattery: battery !== undefined && isLow(battery) });
  };
  document.addEventListener('visibilitychange', look);
  for (const event of ['chargingchange', 'levelchange']) battery?.addEventListener(event, look);
  look();
}

function isLow(battery: EventTarget): boolean {
  const level: unknown = Reflect.get(battery, 'level');
  return Reflect.get(battery, 'charging') === false && typeof level === 'number' && level <= LOW_LEVEL;
}

async function askBattery(): Promise<EventTarget | undefined> {
  const ask: unknown = Reflect.get(navigator, 'getBattery');
  if (typeof ask !== 'function') return undefined;
  try {
    const battery: unknown = await ask.call(navigator);
    return battery instanceof EventTarget ? battery : undefined;
  } catch {
    // Forbidden by a permissions policy: as if it were not there.
    return undefined;
  }
}
