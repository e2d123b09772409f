/** A text that was pasted elsewhere and is planned on its page: too long for an address. It is taken once. */
let text: string | null = null;

export function handOver(pasted: string): void {
  text = pasted;
}

export function takeHandedOver(): string | null {
  const taken = text;
  text = null;
  return taken;
}
