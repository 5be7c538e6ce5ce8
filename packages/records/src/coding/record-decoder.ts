import { copyGrid, countCells, type Grid } from "../record/grid.js";
import type {
  Accounting,
  Action,
  EpisodeMode,
  EpisodeStartRecord,
  EpisodeTotals,
  Histogram,
  Outcome,
  PlainObject,
  RunEndRecord,
  Selection,
  StepInfo,
  StepRecord,
  StreamRecord,
} from "../record/record.js";
import type { ByteReader } from "./byte-reader.js";
import { contentInvalid } from "./errors.js";
import { advanceGrid, readGrid, readMask, skipMask } from "./grid-encoding.js";
import { BODY, MAX_SEGMENT_RECORDS, SEGMENT_RECORDS, SEGMENT_START, SELECTION, STEP } from "./layout.js";
import { TimeDecoder } from "./time-encoding.js";
import { ValueDecoder } from "./value-decoder.js";

/** As a wanted step: none is read whole. Steps have numbers from 0. */
const GLANCE = -1;

/** Turns bodies of frames back into records, in the order in which `RecordEncoder` made them. */
export class RecordDecoder {
  readonly #values = new ValueDecoder();
  readonly #time = new TimeDecoder();
  #last: Grid | null = null;
  #before: Grid | null = null;
  #episode: string | null = null;
  #seq = -1;
  #step = -1;
  /** Of the segment: steps, metrics and batches; and all records. */
  #counted = 0;
  #records = 0;
  #ready = false;

  /** Whether the next record can be decoded without beginning a segment. */
  get ready(): boolean {
    return this.#ready;
  }

  /** The grid before the record that was decoded last; null where that is unknown. */
  get before(): Grid | null {
    return this.#before;
  }

  /** The last grid of the sequence; null before the first. */
  get last(): Grid | null {
    return this.#last;
  }

  /** Cells of the target, as the last `episode-start` told. */
  get targetCells(): number {
    return this.#values.cells;
  }

  /** Says that a record is missing: the next that can be decoded begins a segment. */
  forget(): void {
    this.#ready = false;
    this.#last = null;
  }

  /** Throws JOURNAL_CONTENT_INVALID for a body that no encoder wrote. Nothing of `input` is kept. */
  decode(input: ByteReader): StreamRecord {
    return this.#decode(input, null) as StreamRecord;
  }

  /**
   * As `decode`, but null for a step other than `step`: its record is not made. `before` and `last` belong to the decoder
   * until the wanted step is found, which has to be the last that is asked for.
   */
  seek(input: ByteReader, step: number): StreamRecord | null {
    return this.#decode(input, step);
  }

  /**
   * As `decode`, for those who only count: a step comes without its name, selection and state, and its grid belongs to the
   * decoder, which changes it when it reads on.
   */
  glance(input: ByteReader): StreamRecord {
    const record = this.#decode(input, GLANCE) as StreamRecord;
    if (record.type === "episode-start") this.#last = copyGrid(record.initial);
    return record;
  }

  #decode(input: ByteReader, wanted: number | null): StreamRecord | null {
    const lead = input.u8();
    if (lead & SEGMENT_START) this.#startSegment(input);
    else if (!this.#ready) throw contentInvalid("the records that it refers to are missing");
    this.#ready = false;
    this.#checkSegment(lead & ~SEGMENT_START);
    const seq = this.#seq + 1 + input.zigzag();
    const time = this.#time.read(input);
    this.#seq = seq;
    const type = lead & ~SEGMENT_START;
    const record =
      type === BODY.step ? this.#stepRecord(seq, time, input, wanted) : this.#rest(type, seq, time, input);
    if (input.remaining !== 0) throw contentInvalid("it is longer than its content");
    this.#ready = true;
    return record;
  }

  /** No encoder makes a segment longer: that bounds what one of its bytes can cost. */
  #checkSegment(type: number): void {
    if (type === BODY.step || type === BODY.metrics || type === BODY.batch) this.#counted += 1;
    this.#records += 1;
    if (this.#counted > SEGMENT_RECORDS || this.#records > MAX_SEGMENT_RECORDS) {
      throw contentInvalid("a segment has too many records");
    }
  }

  #startSegment(input: ByteReader): void {
    this.#counted = 0;
    this.#records = 0;
    this.#values.reset();
    this.#time.reset();
    this.#episode = null;
    this.#seq = -1;
    this.#step = -1;
    this.#values.cells = input.varint();
    this.#last = input.u8() === 0 ? null : readGrid(input, null);
  }

  #rest(type: number, seq: number, time: number, input: ByteReader): StreamRecord {
    const values = this.#values;
    switch (type) {
      case BODY.episodeStart:
        return this.#episodeStart(seq, time, input);
      case BODY.episodeEnd:
        return {
          type: "episode-end",
          seq,
          episode: values.text(input),
          time,
          outcome: values.text(input) as Outcome,
          totals: values.object(input) as unknown as EpisodeTotals,
        };
      case BODY.runStart:
        return {
          type: "run-start",
          seq,
          run: values.text(input),
          time,
          config_hash: values.text(input),
          meta: values.object(input),
        };
      case BODY.metrics: {
        const step = values.number(input);
        const numbers = values.object(input) as { readonly [name: string]: number };
        const histograms =
          input.u8() === 0 ? undefined : (values.object(input) as unknown as { [name: string]: Histogram });
        return {
          type: "metrics",
          seq,
          time,
          step,
          values: numbers,
          ...(histograms === undefined ? {} : { histograms }),
        };
      }
      case BODY.batch:
        return {
          type: "batch",
          seq,
          time,
          step: values.number(input),
          arrays: values.object(input) as unknown as { [name: string]: number[] },
        };
      case BODY.runEnd:
        return {
          type: "run-end",
          seq,
          time,
          outcome: values.text(input) as RunEndRecord["outcome"],
          accounting: values.object(input) as unknown as { [sink: string]: Accounting },
        };
      default:
        throw contentInvalid(`there is no record type ${type}`);
    }
  }

  #episodeStart(seq: number, time: number, input: ByteReader): EpisodeStartRecord {
    const values = this.#values;
    const episode = values.text(input);
    const task_id = values.text(input);
    const pair_index = values.number(input);
    const mode = values.text(input) as EpisodeMode;
    const flags = input.u8();
    const initial = readGrid(input, null);
    const given = flags & 1 ? readGrid(input, initial) : undefined;
    const target = flags & 2 ? readGrid(input, initial) : null;
    values.cells = target === null ? 0 : countCells(target);
    const meta: PlainObject = values.object(input);
    this.#before = null;
    this.#last = initial;
    this.#episode = episode;
    this.#step = -1;
    return {
      type: "episode-start",
      seq,
      episode,
      time,
      task_id,
      pair_index,
      mode,
      initial,
      ...(given === undefined ? {} : { input: given }),
      target,
      meta,
    };
  }

  #stepRecord(seq: number, time: number, input: ByteReader, wanted: number | null): StepRecord | null {
    const values = this.#values;
    const flags = input.u8();
    const episode = flags & STEP.episode ? values.text(input) : this.#episode;
    if (episode === null) throw contentInvalid("the episode of a step is missing");
    const step = this.#step + 1 + input.zigzag();
    this.#episode = episode;
    this.#step = step;
    if (wanted === GLANCE) {
      if ((flags & STEP.before) === 0) return this.#glanceStep(seq, time, flags, input);
    } else if (wanted !== null && step !== wanted) {
      this.#passStep(flags, input);
      return null;
    }
    const action: Mutable<Action> = { operation: values.number(input) };
    if (flags & STEP.name) action.name = values.text(input);
    const before = flags & STEP.before ? readGrid(input, this.#last) : undefined;
    const base = before ?? this.#last;
    const after = readGrid(input, base);
    const code = flags >> STEP.selectionShift;
    if (code !== SELECTION.none) action.selection = readSelection(input, code, base ?? after, after);
    const reward = values.number(input);
    const info = values.object(input) as StepInfo;
    const terminated = (flags & STEP.terminated) !== 0;
    const truncated = (flags & STEP.truncated) !== 0;
    const type = "step";
    const record: Mutable<StepRecord> =
      before === undefined
        ? { type, seq, episode, step, time, action, after, reward, terminated, truncated, info }
        : { type, seq, episode, step, time, before, action, after, reward, terminated, truncated, info };
    if (flags & STEP.state) record.state = values.value(input);
    this.#before = base;
    this.#last = after;
    return record;
  }

  #glanceStep(seq: number, time: number, flags: number, input: ByteReader): StepRecord {
    const values = this.#values;
    const action = { operation: values.number(input) };
    if (flags & STEP.name) values.skip(input);
    const after = this.#advance(flags, input);
    const reward = values.number(input);
    const info = values.object(input) as StepInfo;
    if (flags & STEP.state) values.skip(input);
    return {
      type: "step",
      seq,
      episode: this.#episode!,
      step: this.#step,
      time,
      action,
      after,
      reward,
      terminated: (flags & STEP.terminated) !== 0,
      truncated: (flags & STEP.truncated) !== 0,
      info,
    };
  }

  /** Reads of a step only what later ones refer to. */
  #passStep(flags: number, input: ByteReader): void {
    const values = this.#values;
    values.skip(input);
    if (flags & STEP.name) values.skip(input);
    this.#advance(flags, input);
    values.skip(input);
    values.skip(input);
    if (flags & STEP.state) values.skip(input);
  }

  /** Reads the grids of a step into those that are there, and passes over its selection. */
  #advance(flags: number, input: ByteReader): Grid {
    if (flags & STEP.before) this.#last = advanceGrid(input, this.#last);
    const size = this.#last?.data.length;
    const after = advanceGrid(input, this.#last);
    const code = flags >> STEP.selectionShift;
    if (code === SELECTION.mask) skipMask(input, size ?? after.data.length);
    else if (code !== SELECTION.none) {
      for (let count = code === SELECTION.point ? 2 : 4; count > 0; count--) input.varint();
    }
    this.#last = after;
    this.#before = null;
    return after;
  }
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

function readSelection(input: ByteReader, code: number, before: Grid, after: Grid): Selection {
  switch (code) {
    case SELECTION.mask:
      return { kind: "mask", mask: readMask(input, before.data.length, { before, after }) };
    case SELECTION.point:
      return { kind: "point", point: [input.zigzag(), input.zigzag()] };
    default:
      return { kind: "bbox", bbox: [input.zigzag(), input.zigzag(), input.zigzag(), input.zigzag()] };
  }
}
