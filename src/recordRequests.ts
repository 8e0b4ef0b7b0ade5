/** Writes down what a page asks for. Loaded when the page is drawn: the browser keeps what came before. */
export async function recordRequests(realm: 'page' | 'frame'): Promise<void> {
  const [{ openNetworkDoor }, { openIdbNetwork }] = await Promise.all([
    import('./platform/networkDoor.ts'),
    import('./storage/idbNetwork.ts'),
  ]);
  const network = openIdbNetwork();
  openNetworkDoor({ realm, appUrl: new URL('./', document.baseURI).href, write: (lines) => void network.put(lines) });
}
