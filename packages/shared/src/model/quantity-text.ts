/** Quantities as in Kubernetes: CPU "500m" or 0.5, memory "64Mi" or bytes. Nothing is imported here: the console takes it into its first load. */
const MEMORY_FACTORS: Record<string, number> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** CPU in thousandths of a core (1 or more), or null if `value` is not a quantity. */
export function parseCpu(value: string | number): number | null {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(String(value));
  if (!match) return null;
  const millis = Math.round(Number(match[1]) * (match[2] === 'm' ? 1 : 1000));
  return Number.isSafeInteger(millis) && millis >= 1 ? millis : null;
}

/** Memory in bytes (1 or more), or null if `value` is not a quantity. */
export function parseMemory(value: string | number): number | null {
  const match = /^(\d+(?:\.\d+)?)(|k|M|G|T|Ki|Mi|Gi|Ti)$/.exec(String(value));
  if (!match) return null;
  const bytes = Math.round(Number(match[1]) * (MEMORY_FACTORS[match[2] ?? ''] ?? Number.NaN));
  return Number.isSafeInteger(bytes) && bytes >= 1 ? bytes : null;
}

/** Bytes in powers of 1024 with their unit: "41 MiB", "1.2 GiB", "512 B". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = value >= 10 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Thousandths of a core as cores: "0.5", "2". */
export function formatCpu(millis: number): string {
  return String(Math.round(millis) / 1000);
}
