import * as v from 'valibot';
import { NotifiedSchema, type Notify, NotifySchema, type Open } from '../protocol/notices.ts';

/** A page of this origin, as a service worker sees it: the page's own code compiles without that world's types. */
export interface Page {
  readonly url: string;
  readonly frameType: string;
  readonly visibilityState: string;
  postMessage(message: unknown): void;
  focus(): Promise<unknown>;
}

/** The part of the service worker's global scope that this needs. */
interface Scope {
  readonly registration: {
    readonly scope: string;
    showNotification(title: string, options: NotificationOptions): Promise<unknown>;
  };
  readonly clients: {
    matchAll(options: { readonly type: 'window'; readonly includeUncontrolled: true }): Promise<readonly Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
}

/** The service worker's half of notifications: shows them where nobody looks at the app, and leads from them to what they told of. */
export interface NoticeDoor {
  /** False for a message that is none of this. */
  onMessage(data: unknown): Promise<void> | undefined;
  onClick(notification: Pick<Notification, 'data' | 'close'>): Promise<void>;
}

export function createNoticeDoor({ registration, clients }: Scope): NoticeDoor {
  /** Its files, as a licence or the policy, and pages of others further down may be open too: no view is shown there. */
  const isApp = (url: string): boolean => {
    if (!url.startsWith(registration.scope)) return false;
    const [name = ''] = url.slice(registration.scope.length).split(/[?#]/, 1);
    return name === 'index.html' || !/[./]/.test(name);
  };
  /** Pages of the app that are tabs or windows of their own; the one that was used last comes first. */
  const pages = async (): Promise<readonly Page[]> => {
    const all = await clients.matchAll({ type: 'window', includeUncontrolled: true });
    return all.filter(({ url, frameType }) => isApp(url) && frameType !== 'nested');
  };
  const show = async ({ tag, title, lang, hash }: Notify): Promise<void> => {
    if ((await pages()).some(({ visibilityState }) => visibilityState === 'visible')) return;
    const data: v.InferInput<typeof NotifiedSchema> = { hash };
    const icon = new URL('icons/icon-192.png', registration.scope).href;
    // Between the page's question and this the permission may have been taken back.
    await registration.showNotification(title, { tag, lang, icon, data }).catch(() => undefined);
  };
  return {
    onMessage(data) {
      const message = v.safeParse(NotifySchema, data);
      return message.success ? show(message.output) : undefined;
    },
    async onClick(notification) {
      notification.close();
      const told = v.safeParse(NotifiedSchema, notification.data);
      const hash = told.success ? told.output.hash : '#/overview';
      const [page] = await pages();
      if (!page) {
        await clients.openWindow(new URL(hash, registration.scope).href);
        return;
      }
      const open: Open = { type: 'sill-open', hash };
      page.postMessage(open);
      // Refused where no hand clicked, and then the page shows it all the same.
      await page.focus().catch(() => undefined);
    },
  };
}
