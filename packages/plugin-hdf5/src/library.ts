import { hdf5Unavailable } from "./errors.js";

/** h5wasm: the HDF5 library in WebAssembly, with a file system of its own in memory. */
export type Hdf5 = typeof import("h5wasm");
export type Hdf5Group = InstanceType<Hdf5["Group"]>;
export type Hdf5File = InstanceType<Hdf5["File"]>;

/**
 * Loads the library, at the first export and not before: it takes about 0.3 s. Left to itself it answers failures
 * with null or -1 and prints on standard error; here it is told to throw instead.
 * @throws EpiscopeError `HDF5_UNAVAILABLE`
 */
export async function loadHdf5(): Promise<Hdf5> {
  try {
    const library = await import("h5wasm");
    const module = await library.ready;
    module.activate_throwing_error_handler();
    return library;
  } catch (cause) {
    throw hdf5Unavailable(cause);
  }
}
