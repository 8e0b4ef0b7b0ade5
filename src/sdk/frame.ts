import { SillError } from '../core/errors.ts';
import type { FrameView } from '../core/theme.ts';
import { FRAME_ALLOW } from '../protocol/embedding.ts';

const EMBED_PAGE = 'embed.html';
const DEFAULT_TITLE = 'Sill';

/** The iframe, and what the connection does to it. */
export interface FrameHolder {
  readonly frame: HTMLIFrameElement;
  /** Of the embed page. */
  readonly url: URL;
  /** It may have been loaded before anybody listened. */
  readonly wasThere: boolean;
  setHeight(px: number): void;
  setView(view: FrameView): void;
  /** A person is asked in it: it has to be seen. */
  setAsking(asking: boolean): void;
  remove(): void;
}

/** @throws SillError `invalid_request` for what is no address */
function embedUrl(src: string | URL | undefined): URL {
  // Built, this module lies one folder below the app.
  const url = URL.parse(src ?? new URL(/* @vite-ignore */ '../', import.meta.url), document.baseURI);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new SillError(
      'invalid_request',
      `"${src}" is no address of Sill. Give the one of its embed.html, such as https://sill.example.org/embed.html.`,
    );
  }
  if (!url.pathname.endsWith('.html')) url.pathname += `${url.pathname.endsWith('/') ? '' : '/'}${EMBED_PAGE}`;
  return url;
}

/** Puts a frame into an element. With no view nothing is seen of it, unless a person is to be asked. */
export function createFrame(
  element: HTMLElement,
  {
    src,
    title = DEFAULT_TITLE,
    view,
  }: { readonly src: string | URL | undefined; readonly title: string | undefined; readonly view: FrameView },
): FrameHolder {
  const url = embedUrl(src);
  const frame = document.createElement('iframe');
  frame.allow = FRAME_ALLOW;
  frame.title = title;
  frame.src = url.href;
  const holder = hold(frame, url, { wasThere: false, view, remove: () => frame.remove() });
  element.append(frame);
  return holder;
}

/** Takes a frame that the page has put there itself. How it looks and where it goes stays the page's. */
export function ownFrame(frame: HTMLIFrameElement, src: string | URL | undefined): FrameHolder {
  const url = embedUrl(src ?? frame.src);
  if (src !== undefined && frame.src !== url.href) frame.src = url.href;
  return { ...hold(frame, url, { wasThere: true, view: 'chat', remove: () => undefined }), setView: () => undefined };
}

function hold(
  frame: HTMLIFrameElement,
  url: URL,
  { wasThere, view: first, remove }: { readonly wasThere: boolean; readonly view: FrameView; remove(): void },
): FrameHolder {
  let view = first;
  let isAsking = false;
  const { style } = frame;
  const draw = () => {
    if (wasThere) return;
    const isSeen = isAsking || view !== 'none';
    style.border = '0';
    style.width = '100%';
    style.display = 'block';
    style.colorScheme = 'normal';
    // Hidden by its size: a browser throttles a frame that is not displayed at all.
    style.height = isSeen ? style.height : '0';
    style.visibility = isSeen ? 'visible' : 'hidden';
    style.position = isSeen ? 'static' : 'absolute';
    frame.tabIndex = isSeen ? 0 : -1;
    frame.ariaHidden = isSeen ? null : 'true';
    if (isSeen && style.height === '0px') style.height = '20rem';
  };
  draw();
  return {
    frame,
    url,
    wasThere,
    setHeight(px) {
      if (isAsking || view !== 'none') style.height = `${Math.ceil(px)}px`;
    },
    setView(next) {
      view = next;
      draw();
    },
    setAsking(asking) {
      isAsking = asking;
      draw();
    },
    remove,
  };
}
