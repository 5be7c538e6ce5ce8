import { absolute, add, isLess, isNumeric, magnitude, negate } from "../scalar/arithmetic.js";
import type { Rules } from "../version/rules.js";
import { FunctionProblem } from "./errors.js";
import { reversedRange } from "./range-values.js";
import { ChoiceSweep, type Element, RangeSweep } from "./value.js";

/** Sorts as Python's `sorted`: stable, numbers with numbers, texts by code point, lists item by item. */
export function sortElements(items: readonly Element[], reverse: boolean): Element[] {
  const list = [...items];
  if (reverse) list.reverse();
  if (list.length < 64) insertionSort(list);
  else list.sort((left, right) => (less(left, right) ? -1 : less(right, left) ? 1 : 0));
  if (reverse) list.reverse();
  return list;
}

/** Python's order for short lists; it decides where values end up that do not compare (NaN). */
function insertionSort(list: Element[]): void {
  if (list.length < 2) return;
  let sorted = 2;
  if (less(list[1]!, list[0]!)) {
    while (sorted < list.length && less(list[sorted]!, list[sorted - 1]!)) sorted++;
    const run = list.slice(0, sorted).reverse();
    for (let index = 0; index < sorted; index++) list[index] = run[index]!;
  } else {
    while (sorted < list.length && !less(list[sorted]!, list[sorted - 1]!)) sorted++;
  }
  for (let index = sorted; index < list.length; index++) {
    const pivot = list[index]!;
    let low = 0;
    let high = index;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (less(pivot, list[middle]!)) high = middle;
      else low = middle + 1;
    }
    list.splice(index, 1);
    list.splice(low, 0, pivot);
  }
}

function less(left: Element, right: Element): boolean {
  if (isNumeric(left) && isNumeric(right)) return isLess(left, right);
  if (typeof left === "string" && typeof right === "string") return comparesBefore(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return listLess(left, right);
  throw new FunctionProblem(
    "the values cannot be sorted: they are of different kinds, or of a kind without order",
  );
}

function listLess(left: readonly Element[], right: readonly Element[]): boolean {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left[index]!;
    const b = right[index]!;
    if (sameElement(a, b)) continue;
    return less(a, b);
  }
  return left.length < right.length;
}

function sameElement(left: Element, right: Element): boolean {
  if (left === right) return true;
  if (isNumeric(left) && isNumeric(right)) return !isLess(left, right) && !isLess(right, left);
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => sameElement(item, right[index]!));
  }
  return false;
}

/** By code points: JavaScript's `<` goes by UTF-16 units, which differ above U+FFFF. */
function comparesBefore(left: string, right: string): boolean {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    if (left.charCodeAt(index) === right.charCodeAt(index)) continue;
    return left.codePointAt(index)! < right.codePointAt(index)!;
  }
  return left.length < right.length;
}

/** Sorts what a sweep enumerates; a range is turned round where it runs the other way. */
export function sortSweep(
  sweep: ChoiceSweep | RangeSweep,
  reverse: boolean,
  rules: Rules,
): ChoiceSweep | RangeSweep {
  const { tags } = sweep;
  const shuffle = sweep.shuffle && !rules.sortsExactly;
  if (sweep instanceof ChoiceSweep) {
    const list = sortElements(sweep.list, reverse);
    return new ChoiceSweep(list, { simpleForm: sweep.simpleForm, shuffle, tags });
  }
  if (rules.sortsExactly) {
    const turned = magnitude(sweep.step) > 0 === reverse ? reversedRange(sweep) : sweep;
    return new RangeSweep(turned, { ...turned, shuffle });
  }
  const { start, stop, step } = sweep;
  const width = absolute(step);
  if (!reverse && isLess(stop, start)) {
    return new RangeSweep(
      { start: add(stop, width), stop: add(start, width), step: negate(step) },
      { shuffle, tags },
    );
  }
  if (reverse && isLess(start, stop)) {
    const back = negate(width);
    return new RangeSweep(
      { start: add(stop, back), stop: add(start, back), step: negate(step) },
      { shuffle, tags },
    );
  }
  return sweep;
}
