/** Something that the person at the page can do something about, said in one sentence. */
export class Problem extends Error {
  override readonly name = "Problem";
}

/** A job that was given up because a newer one took its place, or the person stopped it. */
export class Canceled extends Error {
  override readonly name = "Canceled";
}
