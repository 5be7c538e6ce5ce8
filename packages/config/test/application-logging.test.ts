import { describe, expect, it } from "vitest";
import type { Logger } from "../src/application.js";
import { ApplicationWorld, type Ran } from "./fixtures/application.js";

const RUN = "outputs/2024-03-09/12-34-56";

async function logged(
  argv: readonly string[],
  say: (logger: (name?: string) => Logger) => void,
  config = "a: 1\n",
): Promise<Ran & { readonly file: string | undefined }> {
  const world = new ApplicationWorld({ "config.yaml": config });
  world.env["NO_COLOR"] = argv.includes("color") ? "" : "1";
  if (argv.includes("color")) delete world.env["NO_COLOR"];
  const ran = await world.run(
    ({ logger }) => say(logger),
    argv.filter((word) => word !== "color"),
  );
  const file = world.files().includes(`${RUN}/app.log`) ? world.read(`${RUN}/app.log`) : undefined;
  return { ...ran, file };
}

describe("the log of a job", () => {
  it("goes to standard output and into the job's file, from INFO on", async () => {
    const { out, file } = await logged([], (logger) => {
      logger().info("%d of %d", 1, 2);
      logger("app.train").warning("100% sure");
      logger().debug("not shown");
    });
    expect(out).toMatch(
      /^\[[-\d]+ [:\d]+,\d{3}\]\[app\]\[INFO\] - 1 of 2\n\[.*\]\[app\.train\]\[WARNING\] - 100% sure\n$/,
    );
    expect(file).toBe(out);
  });

  it.each([
    [["hydra.verbose=true"], "app,other"],
    [["hydra.verbose=app"], "app"],
    [["hydra.verbose=[other]"], "other"],
    [["hydra.job_logging.root.level=DEBUG"], "app,other"],
    [["+hydra.job_logging.loggers.other.level=DEBUG"], "other"],
    [["hydra.job_logging.root.level=DEBUG", "+hydra.job_logging.handlers.console.level=INFO"], ""],
  ])("with %j", async (argv, names) => {
    const { out } = await logged(argv, (logger) => {
      for (const name of ["app", "other"]) logger(name).debug("hear");
    });
    const heard = [...out.matchAll(/\[(\w+)\]\[DEBUG\] - hear/g)].map(([, name]) => name);
    expect(heard.join()).toBe(names);
  });

  it.each([
    ["hydra/job_logging=stdout", "hello\n", "", undefined],
    ["hydra/job_logging=disabled", "", "", undefined],
    ["hydra/job_logging=none", "", "", undefined],
  ])("with %s", async (override, out, err, file) => {
    expect(await logged([override], (logger) => logger().info("hello"))).toEqual({
      status: 0,
      out,
      err,
      file,
    });
  });

  it("tells an error bare where nothing is set up, as Python does", async () => {
    expect((await logged(["hydra/job_logging=none"], (logger) => logger().error("bad"))).err).toBe("bad\n");
  });

  it("has colours with hydra/job_logging=colorlog, in the file none", async () => {
    const { out, file } = await logged(["color", "hydra/job_logging=colorlog"], (logger) =>
      logger().error("bad"),
    );
    expect(out).toMatch(
      /^\[\x1b\[36m[^\x1b]+\x1b\[0m\]\[\x1b\[34mapp\x1b\[0m\]\[\x1b\[31mERROR\x1b\[0m\] - bad\x1b\[0m\n$/,
    );
    expect(file).toMatch(/\[app\]\[ERROR\] - bad\n$/);
    expect(
      (await logged(["hydra/job_logging=colorlog"], (logger) => logger().error("bad"))).out,
    ).not.toContain("\x1b");
  });

  it("shows an error with its stack", async () => {
    const { out } = await logged([], (logger) => logger().error(new TypeError("oh")));
    expect(out).toMatch(/- TypeError: oh\n +at /);
  });

  it.each([
    [
      "hydra.job_logging.handlers.console.class=logging.handlers.SMTPHandler",
      "'logging.handlers.SMTPHandler'",
    ],
    ["hydra.job_logging.handlers.console.formatter=nope", "Formatters: simple"],
    ["hydra.job_logging.root.handlers=[nope]", "Handlers: console, file"],
    ["hydra.job_logging.root.level=LOUD", "LOUD"],
    ["hydra.job_logging.formatters.simple.format='%(nope)s'", "%(nope)s"],
    ["hydra.job_logging.handlers.console.stream=x", "ext://sys.stdout"],
    ["hydra.job_logging.handlers.file.filename=''", "names no file"],
    ["+hydra.job_logging.formatters.simple.style='{'", "Only the style %"],
    ["+hydra.job_logging.formatters.simple.class=my.Formatter", "my.Formatter"],
  ])("is refused with %s", async (override, text) => {
    const { status, err } = await logged([override], () => {});
    expect(status).toBe(1);
    expect(err).toContain("LOGGING_CONFIG");
    expect(err).toContain(text);
  });
});
