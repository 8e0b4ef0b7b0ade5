import { EMBED_PAGE, type FileKind, SDK_FOLDER } from '../../src/core/fileKind.ts';
import { CACHE_IMMUTABLE, CACHE_REVALIDATE, IMMUTABLE_FOLDER, securityHeaders } from '../../src/core/headers.ts';
import type { Policy } from '../../src/core/policy.ts';

/** Where the recipes expect the unpacked app, and the path that they serve it under. README.md in deploy/ says how to change them. */
export const RECIPE_FOLDER = '/srv/sill-app';
export const RECIPE_BASE = '/sill/';

type Types = readonly (readonly [type: string, extensions: readonly string[]])[];

/** Types that servers of the day lack or name differently. Everything under models/ but JSON is bytes. */
const TYPES: Types = [
  ['text/html', ['html']],
  ['text/css', ['css']],
  ['text/javascript', ['js', 'mjs']],
  ['text/plain', ['txt']],
  ['application/json', ['json']],
  ['application/manifest+json', ['webmanifest']],
  ['application/wasm', ['wasm']],
  ['image/svg+xml', ['svg']],
  ['image/png', ['png']],
];
const COMPRESSED = ['text/html', 'text/css', 'text/javascript', 'application/json', 'application/wasm', 'image/svg+xml'];

type Headers = readonly (readonly [name: string, value: string])[];
/** The app's own files, the page that guests show in a frame, and what they import. */
type AllHeaders = Readonly<Record<FileKind, Headers>>;

const lines = (indent: number, all: readonly string[]): string => all.map((line) => `${' '.repeat(indent)}${line}\n`).join('');

/** Those that are not what the app's own files have. */
const others = (headers: AllHeaders, kind: FileKind): Headers =>
  headers[kind].filter(([name, value]) => !headers.own.some((own) => own[0] === name && own[1] === value));

const nginx = (headers: AllHeaders): string => {
  // nginx forgets the add_header lines of the outer block as soon as an inner one has its own, so each block has them all.
  const block = (path: string, cache: string, types: Types, rest: readonly string[], kind: FileKind = 'own') =>
    `location ${path.endsWith('.html') ? '= ' : ''}${RECIPE_BASE}${path} {
    alias ${RECIPE_FOLDER}/${path};
    types {
${lines(
  8,
  types.map(([type, extensions]) => `${type} ${extensions.join(' ')};`),
)}    }
    default_type application/octet-stream;
${lines(
  4,
  headers[kind].map(([name, value]) => `add_header ${name} "${value}" always;`),
)}    add_header Cache-Control "${cache}";
${lines(4, rest)}}
`;
  const compress = ['gzip on;', 'gzip_vary on;', `gzip_types ${COMPRESSED.filter((type) => type !== 'text/html').join(' ')};`];
  return `# Sill behind nginx: include this file in a server block that has a certificate.
# Serves ${RECIPE_FOLDER} under ${RECIPE_BASE}. For the root of a host, replace every "${RECIPE_BASE}" by "/".
# Written by tools/deploy from the policy: change sill.policy.json and build again rather than the headers here.

location = ${RECIPE_BASE.slice(0, -1)} {
    absolute_redirect off;
    return 301 ${RECIPE_BASE};
}

${block('', CACHE_REVALIDATE, TYPES, ['index index.html;', ...compress])}
# Names with a hash of their content.
${block(`${IMMUTABLE_FOLDER}/`, CACHE_IMMUTABLE, TYPES, compress)}
# What guests of the policy show in a frame, and what they import.
${block(EMBED_PAGE, CACHE_REVALIDATE, TYPES, compress, 'embed')}
${block(`${SDK_FOLDER}/`, CACHE_REVALIDATE, TYPES, compress, 'sdk')}
# Compressed answers have no ranges, and models are fetched by range.
${block('models/', CACHE_REVALIDATE, [['application/json', ['json']]], ['gzip off;'])}`;
};

const caddy = (
  headers: AllHeaders,
): string => `# Sill behind Caddy, which gets its certificate by itself. Put the name of your host in place of the first line.
# Serves ${RECIPE_FOLDER} under ${RECIPE_BASE}. For the root of a host, replace every "${RECIPE_BASE}" by "/".
# Written by tools/deploy from the policy: change sill.policy.json and build again rather than the headers here.

sill.example.org {
	redir ${RECIPE_BASE.slice(0, -1)} ${RECIPE_BASE} 301

	handle_path ${RECIPE_BASE}* {
		root * ${RECIPE_FOLDER}

		# What guests of the policy show in a frame, and what they import, have headers of their own.
		@embed path /${EMBED_PAGE}
		@sdk path /${SDK_FOLDER}/*
		@own not path /${EMBED_PAGE} /${SDK_FOLDER}/*
${(['own', 'embed', 'sdk'] as const)
  .map((kind) => `\t\theader @${kind} {\n${headers[kind].map(([name, value]) => `\t\t\t${name} "${value}"\n`).join('')}\t\t}\n`)
  .join('')}
		# Names with a hash of their content. An answer that such a file is missing must not be kept.
		@hashed {
			path /${IMMUTABLE_FOLDER}/*
			file
		}
		@other not path /${IMMUTABLE_FOLDER}/*
		header @hashed Cache-Control "${CACHE_IMMUTABLE}"
		header @other Cache-Control "${CACHE_REVALIDATE}"

		@manifest path *.webmanifest
		header @manifest Content-Type "application/manifest+json"
		@weights {
			path /models/*
			not path *.json
		}
		header @weights Content-Type "application/octet-stream"

		# Compressed answers have no ranges, and models are fetched by range.
		@compressed not path /models/*
		encode @compressed gzip

		file_server
	}
}
`;

const apache = (headers: AllHeaders): string => `# Sill behind Apache: include this file in a virtual host that has a certificate.
# It needs: a2enmod alias dir headers mime deflate filter env
# Serves ${RECIPE_FOLDER} under ${RECIPE_BASE}. For the root of a host, replace every "${RECIPE_BASE}" by "/".
# Written by tools/deploy from the policy: change sill.policy.json and build again rather than the headers here.

RedirectMatch 301 "^${RECIPE_BASE.slice(0, -1)}$" "${RECIPE_BASE}"
Alias "${RECIPE_BASE}" "${RECIPE_FOLDER}/"

<Directory "${RECIPE_FOLDER}/">
    Require all granted
    AllowOverride None
    Options None
    DirectoryIndex index.html
${lines(
  4,
  TYPES.map(([type, extensions]) => `AddType ${type} ${extensions.map((extension) => `.${extension}`).join(' ')}`),
)}${lines(
  4,
  headers.own.map(([name, value]) => `Header always set ${name} "${value}"`),
)}    # What guests of the policy show in a frame.
    <Files "${EMBED_PAGE}">
${lines(
  8,
  others(headers, 'embed').map(([name, value]) => `Header always set ${name} "${value}"`),
)}    </Files>
    Header set Cache-Control "${CACHE_REVALIDATE}"
    AddOutputFilterByType DEFLATE ${COMPRESSED.join(' ')}
</Directory>

# Names with a hash of their content.
<Directory "${RECIPE_FOLDER}/${IMMUTABLE_FOLDER}/">
    Header set Cache-Control "${CACHE_IMMUTABLE}"
</Directory>

# What they import.
<Directory "${RECIPE_FOLDER}/${SDK_FOLDER}/">
${lines(
  4,
  others(headers, 'sdk').map(([name, value]) => `Header always set ${name} "${value}"`),
)}</Directory>

# Compressed answers have no ranges, and models are fetched by range.
<Directory "${RECIPE_FOLDER}/models/">
    SetEnv no-gzip 1
    <FilesMatch "(?<!\\.json)$">
        ForceType application/octet-stream
    </FilesMatch>
</Directory>
`;

/** The web-server recipes for a policy, by their file names in deploy/. */
export function recipes(policy: Policy): Readonly<Record<'nginx.conf' | 'Caddyfile' | 'apache.conf', string>> {
  const of = (kind: FileKind) => Object.entries(securityHeaders(policy, {}, kind));
  const headers: AllHeaders = { own: of('own'), embed: of('embed'), sdk: of('sdk') };
  return { 'nginx.conf': nginx(headers), Caddyfile: caddy(headers), 'apache.conf': apache(headers) };
}
