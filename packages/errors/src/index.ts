/** Where an error arose and what would have been right; every field is optional and plain data. */
export interface ErrorFields {
  /** Configuration key, dotted, as the user types it. */
  readonly key?: string;
  /** Configuration file or data file, as shown to the user. */
  readonly file?: string;
  /** Line, counted from 1. */
  readonly line?: number;
  /** Column, counted from 1. */
  readonly column?: number;
  /** What would have been accepted. */
  readonly options?: readonly string[];
  readonly plugin?: string;
  readonly hook?: string;
  /** Anything else that a program may want to read from the error. */
  readonly [field: string]: unknown;
}

export interface EpiscopeErrorOptions {
  /** How to mend it: one imperative sentence. */
  readonly hint?: string;
  readonly fields?: ErrorFields;
  readonly cause?: unknown;
}

/**
 * Base of every error that Episcope throws on purpose. `code` is stable and has a row in `docs/errors.md`;
 * the message is for people and may change.
 */
export class EpiscopeError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly fields: ErrorFields;

  constructor(code: string, message: string, options: EpiscopeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
    this.fields = options.fields ?? {};
  }

  /** The JSON form, without the stack. */
  toJSON(): { code: string; message: string; hint?: string; fields: ErrorFields } {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      fields: this.fields,
    };
  }
}

/** What could steer a terminal: control characters but tab and line feed, and those that turn the direction of text. */
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text for people with U+FFFD in place of what could steer a terminal. Messages quote the text of others (files, names,
 * arguments, errors of plugins): they pass through here where they leave the program.
 */
export function printableMessage(text: string): string {
  return text.replace(STEERING, "\ufffd");
}
