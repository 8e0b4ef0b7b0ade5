export const mebibytes = (sizeBytes: number): string => `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`;
