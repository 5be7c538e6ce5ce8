import { EpiscopeError } from "@episcope/errors";

export function storedValueInvalid(key: string, kind: string): EpiscopeError {
  return new EpiscopeError("STORE_VALUE", `A stored config cannot hold a ${kind} (key '${key}').`, {
    hint: "Store plain data: objects, arrays, texts, numbers, booleans and null.",
    fields: { key },
  });
}

export function storedKeyRefused(key: string): EpiscopeError {
  return new EpiscopeError("STORE_KEY", `A stored config cannot have the key '${key}'.`, { fields: { key } });
}
