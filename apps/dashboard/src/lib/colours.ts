// The colour of a name: the same on every page and day. Eight that hold for colour-blind readers; the rest is "other".

export const kColours = 8;
export const kOther = 8;

export function hashOf(name: string): number {
  let hash = 2166136261;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619) >>> 0;
  return hash;
}

/** `names` come in order of spend, largest first: of two that want one colour, the larger has it. */
export function coloursOf(names: string[]): Map<string, number> {
  const taken = new Set<number>();
  const result = new Map<string, number>();
  for (const name of names) {
    if (taken.size === kColours) {
      result.set(name, kOther);
      continue;
    }
    let colour = hashOf(name) % kColours;
    while (taken.has(colour)) colour = (colour + 1) % kColours;
    taken.add(colour);
    result.set(name, colour);
  }
  return result;
}

/** The colours as the canvas wants them, in the scheme in force. */
export function resolvedColours(names: string[]): string[] {
  const probe = document.createElement('span');
  document.body.append(probe);
  const found = names.map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return found;
}
