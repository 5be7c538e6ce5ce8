/**
 * Tokens of YAML 1.1 as PyYAML 6 reads it, whose rules differ from YAML 1.2 in many places (tabs, plain scalars in
 * flow collections, line separators). The scanner is lazy: it reads no further than the parser asks.
 */
export enum T {
  StreamEnd,
  Directive,
  DocumentStart,
  DocumentEnd,
  BlockSequenceStart,
  BlockMappingStart,
  BlockEnd,
  FlowSequenceStart,
  FlowMappingStart,
  FlowSequenceEnd,
  FlowMappingEnd,
  FlowEntry,
  BlockEntry,
  Key,
  Value,
  Alias,
  Anchor,
  Tag,
  Scalar,
}

export const TOKEN_NAMES: readonly string[] = [
  "<stream end>",
  "<directive>",
  "<document start>",
  "<document end>",
  "<block sequence start>",
  "<block mapping start>",
  "<block end>",
  "[",
  "{",
  "]",
  "}",
  ",",
  "-",
  "?",
  ":",
  "<alias>",
  "<anchor>",
  "<tag>",
  "<scalar>",
];

export interface Token {
  readonly type: T;
  /** Offset of the first character. */
  readonly start: number;
  /** Text of a scalar, name of an anchor, alias or directive, suffix of a tag. */
  readonly text: string;
  /** Handle of a tag or of a %TAG directive; null for a verbatim tag. */
  readonly handle: string | null;
  /** Whether a scalar is plain. */
  readonly plain: boolean;
}
