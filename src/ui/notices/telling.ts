import * as v from 'valibot';
import { type Notify, OpenSchema } from '../../protocol/notices.ts';
import { currentLocale } from '../locale.ts';
import { followPreference, readPreference, writePreference } from '../preferences.ts';

/** Whether the system tells of the end of long work: `denied` where the person told the browser that it must not, which only they can change there. */
export type TellingState = 'unsupported' | 'denied' | 'off' | 'on';

const KEY = 'notifications';

const isSupported = (): boolean => !import.meta.env.DEV && 'Notification' in window && 'serviceWorker' in navigator;

/**
 * Notifications of the system. Off until a person turns them on; the browser is asked for its permission by that gesture and by nothing else.
 *
 * @fires change
 */
class SystemTelling extends EventTarget {
  get state(): TellingState {
    if (!isSupported()) return 'unsupported';
    if (Notification.permission === 'denied') return 'denied';
    return Notification.permission === 'granted' && readPreference(KEY, v.boolean(), false) ? 'on' : 'off';
  }

  /** To be called in the handler of a gesture. */
  async choose(on: boolean): Promise<void> {
    if (on && isSupported() && Notification.permission === 'default') await Notification.requestPermission();
    writePreference(KEY, on);
  }

  /** While nobody looks at the app. Names a model at most: it may stand on a locked screen. */
  async tell(notice: Pick<Notify, 'tag' | 'title' | 'hash'>): Promise<void> {
    if (this.state !== 'on' || !document.hidden) return;
    const message: Notify = { type: 'sill-notify', lang: currentLocale(), ...notice };
    (await navigator.serviceWorker.getRegistration())?.active?.postMessage(message);
  }

  /** Follows clicks on notifications, and takes those away that are read by coming here. Returns the way to stop. */
  connect(): () => void {
    if (!isSupported()) return () => undefined;
    const container = navigator.serviceWorker;
    const onMessage = ({ data }: MessageEvent<unknown>): void => {
      const message = v.safeParse(OpenSchema, data);
      if (message.success) location.hash = message.output.hash;
    };
    const onSight = async (): Promise<void> => {
      if (document.hidden || this.state !== 'on') return;
      const shown = await (await container.getRegistration())?.getNotifications();
      for (const notification of shown ?? []) notification.close();
    };
    const look = (): void => void onSight();
    const unfollow = followPreference(KEY, () => this.dispatchEvent(new Event('change')));
    container.addEventListener('message', onMessage);
    container.startMessages();
    document.addEventListener('visibilitychange', look);
    return () => {
      unfollow();
      container.removeEventListener('message', onMessage);
      document.removeEventListener('visibilitychange', look);
    };
  }
}

export const systemTelling = new SystemTelling();
