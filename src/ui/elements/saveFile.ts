/** Hands a file to the browser's downloads. The bytes stay where they lie until they are written. */
export function saveFile(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser holds the Blob by now; the address may go once the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
