/**
 * A floating-point number of the configuration language. Integers are plain `number`s (or `bigint`s beyond
 * 2^53 - 1); the two kinds are told apart because `1` and `1.0` print, merge and validate differently.
 * Data that a program reads from a composed config holds plain numbers for both.
 */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}
