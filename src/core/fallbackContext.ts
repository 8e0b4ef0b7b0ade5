/** What a text model that states no context length is held to, in tokens: the shortest of those that are about. */
export const FALLBACK_CONTEXT = 512;
