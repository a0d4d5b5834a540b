/** What a saved picture is called. */
export function savedName(photo: string, style: string, ending: string): string {
  const stem = photo.replace(/\.[^.]*$/, "").replace(/[\\/:*?"<>|\0-\x1f]/g, "_") || "photo";
  return `${stem}-${style}.${ending}`;
}

/** The same names, of which those that come again get a number. */
export function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : name.replace(/(\.[^.]*)$/, `-${count}$1`);
  });
}
