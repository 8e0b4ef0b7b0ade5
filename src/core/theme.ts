import * as v from 'valibot';
import { isModelId } from './ids.ts';

const MAX_LENGTH = 200;

/** No `var()`, `url()` or `;`: what a page of another origin gives is a colour, a length or the names of fonts, and nothing else. */
const COLOUR =
  /^(?:#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|[a-z]{3,30}|(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\([0-9.%\s,/+-]{1,80}(?:deg|turn|rad)?[0-9.%\s,/+-]{0,40}\))$/i;
const LENGTH = /^(?:0|[0-9]{1,3}(?:\.[0-9]{1,4})?(?:px|rem|em))$/;
const FONTS = /^[\w\s,"'-]{1,200}$/;

/** The custom properties that a page which embeds the chat view may set, and what each may hold. */
export const THEME_PROPERTIES = {
  '--sill-embed-background': COLOUR,
  '--sill-embed-surface': COLOUR,
  '--sill-embed-text': COLOUR,
  '--sill-embed-quiet': COLOUR,
  '--sill-embed-border': COLOUR,
  '--sill-embed-accent': COLOUR,
  '--sill-embed-on-accent': COLOUR,
  '--sill-embed-radius': LENGTH,
  '--sill-embed-font-size': LENGTH,
  '--sill-embed-font': FONTS,
} as const;
export type ThemeProperty = keyof typeof THEME_PROPERTIES;
export type Theme = { readonly [P in ThemeProperty]?: string };

const isThemeProperty = (name: string): name is ThemeProperty => Object.hasOwn(THEME_PROPERTIES, name);

/** What of a theme may be set: the rest is left out, and its names are told. */
export function checkedTheme(theme: Readonly<Record<string, string>>): {
  readonly theme: ReadonlyArray<readonly [ThemeProperty, string]>;
  readonly refused: readonly string[];
} {
  const taken: Array<readonly [ThemeProperty, string]> = [];
  const refused: string[] = [];
  for (const [name, value] of Object.entries(theme)) {
    if (isThemeProperty(name) && value.length <= MAX_LENGTH && THEME_PROPERTIES[name].test(value)) taken.push([name, value]);
    else refused.push(name);
  }
  return { theme: taken, refused };
}

const FRAME_VIEWS = ['none', 'chat'] as const;
export type FrameView = (typeof FRAME_VIEWS)[number];

/** How a frame looks, as the page that embeds it asks. */
export const FrameLookSchema = v.object({
  view: v.exactOptional(v.picklist(FRAME_VIEWS)),
  /** Of its words: "de", "en". */
  language: v.exactOptional(v.pipe(v.string(), v.regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/))),
  colorScheme: v.exactOptional(v.picklist(['light', 'dark', 'system'])),
  theme: v.exactOptional(v.record(v.pipe(v.string(), v.maxLength(60)), v.pipe(v.string(), v.maxLength(MAX_LENGTH)))),
  /** Of the chat view. */
  model: v.exactOptional(v.pipe(v.string(), v.guard(isModelId))),
  /** What the model is told before the conversation. */
  instructions: v.exactOptional(v.pipe(v.string(), v.maxLength(8000))),
});
export type FrameLook = {
  readonly view?: FrameView;
  readonly language?: string;
  readonly colorScheme?: 'light' | 'dark' | 'system';
  readonly theme?: Readonly<Record<string, string>>;
  readonly model?: string;
  readonly instructions?: string;
};

export const LookMessageSchema = v.object({ type: v.literal('sill-look'), look: FrameLookSchema });
