import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createNoticeDoor, type Page } from './noticeDoor.ts';

const SCOPE = 'https://sill.example/apps/sill/';
const ASKED = { type: 'sill-notify', tag: 'install:tiny', title: 'Tiny is installed.', lang: 'en', hash: '#/models?words=tiny' };

let pages: Page[] = [];
const showNotification = vi.fn(async (_title: string, _options?: NotificationOptions) => undefined);
const openWindow = vi.fn(async (_url: string) => undefined);
const page = (more: Partial<Page> = {}) => ({
  ...{ url: `${SCOPE}#/log`, frameType: 'top-level', visibilityState: 'hidden' },
  ...{ postMessage: vi.fn(), focus: vi.fn(async () => undefined) },
  ...more,
});
const door = createNoticeDoor({ registration: { scope: SCOPE, showNotification }, clients: { matchAll: async () => pages, openWindow } });
const clicked = (data: unknown) => ({ data, close: vi.fn() });

beforeEach(() => {
  pages = [];
  vi.clearAllMocks();
});

describe('a notification', () => {
  it('is shown while nobody looks at the app, with the way to what it tells of', async () => {
    pages = [page()];
    await door.onMessage(ASKED);
    expect(showNotification).toHaveBeenCalledExactlyOnceWith(
      'Tiny is installed.',
      expect.objectContaining({ tag: 'install:tiny', lang: 'en', data: { hash: '#/models?words=tiny' } }),
    );
  });

  it('is not shown while any tab of the app is looked at; another app of this origin, or a frame of it, is none', async () => {
    pages = [page(), page({ visibilityState: 'visible' })];
    await door.onMessage(ASKED);
    expect(showNotification).not.toHaveBeenCalled();
    pages = [
      page({ visibilityState: 'visible', url: 'https://sill.example/apps/mail/' }),
      page({ visibilityState: 'visible', frameType: 'nested', url: `${SCOPE}embed.html` }),
    ];
    await door.onMessage(ASKED);
    expect(showNotification).toHaveBeenCalledOnce();
  });

  it('leads nowhere but into the app', () => {
    for (const hash of ['https://evil.example/', '#/models#/x', 'javascript:alert(1)', '//evil.example', '#/../x'])
      expect(door.onMessage({ ...ASKED, hash })).toBeUndefined();
    expect(door.onMessage({ type: 'sill-connect' })).toBeUndefined();
  });
});

describe('a click on it', () => {
  it('brings a tab that is open to the front, at what was told', async () => {
    const open = page({ url: `${SCOPE}?bench=quick#/log` });
    const others = ['https://sill.example/apps/mail/', `${SCOPE}third-party-licences.md`, `${SCOPE}wiki/`].map((url) => page({ url }));
    pages = [...others, open];
    const notification = clicked({ hash: '#/models?words=tiny' });
    await door.onClick(notification);
    expect(notification.close).toHaveBeenCalledOnce();
    expect(open.postMessage).toHaveBeenCalledExactlyOnceWith({ type: 'sill-open', hash: '#/models?words=tiny' });
    expect(open.focus).toHaveBeenCalledOnce();
    expect(openWindow).not.toHaveBeenCalled();
    for (const other of others) expect(other.postMessage).not.toHaveBeenCalled();
  });

  it('opens the app where it was closed, and its first view where the notification is of another version', async () => {
    await door.onClick(clicked({ hash: '#/log?event=5' }));
    expect(openWindow).toHaveBeenLastCalledWith(`${SCOPE}#/log?event=5`);
    await door.onClick(clicked({ somethingElse: 1 }));
    expect(openWindow).toHaveBeenLastCalledWith(`${SCOPE}#/overview`);
  });
});
