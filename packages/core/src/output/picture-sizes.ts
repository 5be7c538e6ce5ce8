import type { PictureSize } from "../contract/roles.js";

/** What an output takes of pictures. */
export interface PictureTaker {
  readonly accepts: ReadonlySet<string>;
  /** That it asks pictures in; undefined: their natural one. */
  readonly size: PictureSize | undefined;
}

export function sameSize(a: PictureSize | undefined, b: PictureSize | undefined): boolean {
  return a?.width === b?.width && a?.height === b?.height;
}

/** The sizes that pictures of a type are drawn in, each once; undefined stands for the natural one, which files have. */
export function sizesToDraw(
  type: string,
  takers: readonly PictureTaker[],
  hasFiles: boolean,
): readonly (PictureSize | undefined)[] {
  const sizes: (PictureSize | undefined)[] = hasFiles ? [undefined] : [];
  for (const { accepts, size } of takers)
    if (accepts.has(type) && !sizes.some((other) => sameSize(other, size))) sizes.push(size);
  return sizes.length === 0 ? [undefined] : sizes;
}

/** Whether what is drawn of a type is kept by a taker's queue alone, with no file that has it too. */
export function isKeptByTaker(type: string, { accepts, size }: PictureTaker, hasFiles: boolean): boolean {
  return accepts.has(type) && (size !== undefined || !hasFiles);
}
