import { EpiscopeError } from "@episcope/errors";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { describe, expect, it } from "vitest";
import { loadTasks, type TaskFileSystem } from "../src/index.js";

const disk = (files: Record<string, string>): TaskFileSystem => memoryDisk(files, "/").fs;
const small = '{"train": [{"input": [[1]], "output": [[2]]}], "test": [{"input": [[3]]}]}';

const failure = (content: string): EpiscopeError => {
  try {
    loadTasks("/tasks/bad.json", disk({ "/tasks/bad.json": content }));
  } catch (error) {
    if (error instanceof EpiscopeError) return error;
    throw error;
  }
  throw new Error("the task was accepted");
};

describe("loading tasks", () => {
  it("reads one file, names it after the file and lets a test output be missing", () => {
    const [task, ...others] = loadTasks("/tasks/a b.json", disk({ "/tasks/a b.json": small }));
    expect(others).toEqual([]);
    expect(task?.id).toBe("a b");
    expect(task?.train[0]?.output?.data).toEqual(Uint8Array.of(2));
    expect(task?.test[0]?.output).toBeNull();
  });

  it("reads a folder and those inside it in the order of paths, and only .json files", () => {
    const files = {
      "/t/b.json": small,
      "/t/a.json": small,
      "/t/c/d.json": small,
      "/t/README.md": "#",
      "/t/.x.json": "no",
    };
    expect(loadTasks("/t", disk(files)).map((task) => task.id)).toEqual(["a", "b", "d"]);
  });

  it("tells two files of one name apart by their folders", () => {
    const files = { "/t/x/1.json": small, "/t/y/1.json": small, "/t/2.json": small };
    expect(loadTasks("/t", disk(files)).map((task) => task.id)).toEqual(["2", "x/1", "y/1"]);
  });

  it("ignores other keys", () => {
    expect(
      loadTasks(
        "/t.json",
        disk({ "/t.json": small.replace("{", '{"name": "n", "__proto__": {"train": 1},') }),
      ),
    ).toHaveLength(1);
  });

  it("refuses a path that is not there", () => {
    expect(() => loadTasks("/nowhere", disk({}))).toThrow(
      expect.objectContaining({ code: "TASK_NOT_READABLE" }),
    );
  });

  it("refuses a folder without tasks", () => {
    expect(() => loadTasks("/t", disk({ "/t/readme.txt": "" }))).toThrow(
      expect.objectContaining({ code: "NO_TASKS" }),
    );
  });

  it("takes null, [] and nothing for a test output that is hidden", () => {
    const outputs = ["", ', "output": null', ', "output": []'];
    for (const output of outputs) {
      const text = small.replace('"input": [[3]]', `"input": [[3]]${output}`);
      expect(loadTasks("/a.json", disk({ "/a.json": text }))[0]?.test[0]?.output).toBeNull();
    }
  });

  it("reads the files of Kaggle: many tasks by their ids, and the outputs beside them", () => {
    const challenges = JSON.stringify({ "00aa11bb": JSON.parse(small), "00aa11cc": JSON.parse(small) });
    const files = {
      "/k/arc-agi_training_challenges.json": challenges,
      "/k/arc-agi_training_solutions.json": '{"00aa11bb": [[[4]]], "00aa11cc": [null]}',
      "/k/sample_submission.json": '{"00aa11bb": [{"attempt_1": [[0]], "attempt_2": [[0]]}]}',
    };
    const problems: string[] = [];
    const whole = loadTasks("/k", disk(files), { onProblem: ({ code }) => problems.push(code) });
    expect(problems).toEqual(["NOT_A_TASK"]);
    for (const tasks of [whole, loadTasks("/k/arc-agi_training_challenges.json", disk(files))]) {
      expect(tasks.map(({ id }) => id)).toEqual(["00aa11bb", "00aa11cc"]);
      expect(tasks[0]?.test[0]?.output?.data).toEqual(Uint8Array.of(4));
      expect(tasks[1]?.test[0]?.output).toBeNull();
    }
    expect(loadTasks("/a.json", disk({ "/a.json": challenges }))).toHaveLength(2);
  });

  it("tells of every bad file of a folder at once, and gives the good ones", () => {
    const files = {
      ...{ "/t/a.json": small, "/t/b.json": '{"train": [', "/t/c.json": small.replace("[[1]]", "[[10]]") },
      ...{
        "/t/package.json": '{"name": "x"}',
        "/t/list.json": "[]",
        "/t/twice.json": small.replace("{", '{"test": [],'),
      },
    };
    const codes: string[] = [];
    const tasks = loadTasks("/t", disk(files), { onProblem: ({ code }) => codes.push(code) });
    expect(tasks.map(({ id }) => id)).toEqual(["a"]);
    expect(codes).toEqual(["TASK_NOT_JSON", "TASK_MALFORMED", "NOT_A_TASK", "NOT_A_TASK", "TASK_MALFORMED"]);
    const { "/t/a.json": _, ...bad } = files;
    expect(() => loadTasks("/t", disk(bad), { onProblem: () => {} })).toThrow(
      expect.objectContaining({ code: "TASK_NOT_JSON" }),
    );
  });

  it("takes a byte-order mark, and says of UTF-16 what it is", () => {
    expect(loadTasks("/a.json", disk({ "/a.json": `\ufeff${small}` }))).toHaveLength(1);
    expect(failure("\ufffd\ufffd{\u0000}\u0000").message).toContain("UTF-16");
  });

  it("refuses what is not JSON and names the file", () => {
    const error = failure('{"train": [');
    expect(error.code).toBe("TASK_NOT_JSON");
    expect(error.message).toContain("/tasks/bad.json");
  });

  it.each([
    ['{"test": []}', "train", "is missing"],
    ['{"train": {}, "test": []}', "train", "is not a list"],
    ['{"train": [], "test": []}', "train", "is empty"],
    ['{"train": [1], "test": []}', "train[0]", "is not an object with 'input' and 'output'"],
    ['{"train": [{"input": [[1]]}], "test": []}', "train[0].output", "is missing"],
    ['{"train": [{"input": 5, "output": [[1]]}], "test": []}', "train[0].input", "is not a list of rows"],
    ['{"train": [{"input": [], "output": [[1]]}], "test": []}', "train[0].input", "has no rows"],
    ['{"train": [{"input": [[]], "output": [[1]]}], "test": []}', "train[0].input[0]", "has no cells"],
    [
      '{"train": [{"input": [[1, 2], [3]], "output": [[1]]}], "test": []}',
      "train[0].input[1]",
      "has 1 cells where the first row has 2",
    ],
    [
      '{"train": [{"input": [[1, "2"]], "output": [[1]]}], "test": []}',
      "train[0].input[0][1]",
      'is "2", not an integer 0 to 9',
    ],
    [
      '{"train": [{"input": [[1, 10]], "output": [[1]]}], "test": []}',
      "train[0].input[0][1]",
      "is 10, not an integer 0 to 9",
    ],
    [
      '{"train": [{"input": [[1.5]], "output": [[1]]}], "test": []}',
      "train[0].input[0][0]",
      "is 1.5, not an integer 0 to 9",
    ],
    [
      JSON.stringify({ train: [{ input: [[1]], output: new Array(31).fill([1]) }], test: [] }),
      "train[0].output",
      "has 31 rows, more than 30",
    ],
    [
      JSON.stringify({ train: [{ input: [new Array(31).fill(1)], output: [[1]] }], test: [] }),
      "train[0].input[0]",
      "has 31 cells, more than 30",
    ],
    [
      '{"train": [{"input": [[1]], "output": [[1]]}], "test": [{"output": [[1]]}]}',
      "test[0].input",
      "is missing",
    ],
  ])("refuses %s", (content, path, problem) => {
    const error = failure(content);
    expect(error.code).toBe("TASK_MALFORMED");
    expect(error.message).toBe(`'/tasks/bad.json' is not an ARC task: ${path} ${problem}.`);
    expect(error.fields).toMatchObject({ file: "/tasks/bad.json", path });
  });
});
