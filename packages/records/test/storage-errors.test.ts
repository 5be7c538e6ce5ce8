import { tmpdir } from "node:os";
import { handleStorageError, type StoragePlaces, toStorageError } from "@episcope/records/store";
import { describe, expect, it } from "vitest";

describe("the directory to use after a storage error", () => {
  const use = (code: string, places: Partial<StoragePlaces> & { freed?: number }): string | null =>
    handleStorageError(toStorageError({ code }, "/run/log"), {
      dir: "/run",
      fallbackDir: "/spare",
      cleanUp: () => places.freed ?? 0,
      ...places,
    });

  it.each(["ENOSPC", "EDQUOT", "EFBIG"])("is the same one where cleaning up has made room (%s)", (code) => {
    expect(use(code, { freed: 1 })).toBe("/run");
  });

  it("is the fallback where nothing could be freed, and none without one", () => {
    expect(use("ENOSPC", {})).toBe("/spare");
    expect(use("ENOSPC", { fallbackDir: null })).toBeNull();
  });

  it.each(["EACCES", "EPERM", "EROFS"])(
    "is the fallback, else a temporary one, without permission (%s)",
    (code) => {
      const cleanUp = (): number => expect.fail("nothing is deleted for a missing permission");
      expect(use(code, { cleanUp })).toBe("/spare");
      expect(use(code, { cleanUp, fallbackDir: null })).toBe(tmpdir());
    },
  );

  it("is none for any other error: drawing stops", () => {
    expect(use("EIO", { freed: 1 })).toBeNull();
  });
});
