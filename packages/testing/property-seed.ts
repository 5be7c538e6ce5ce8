import fc from "fast-check";

/**
 * Property tests try the same cases each time, so that a change fails by its own doing. Others are tried with
 * `EPISCOPE_PROPERTY_SEED=$RANDOM npm test`; a case that fails there becomes a test by itself.
 */
fc.configureGlobal({ seed: Number(process.env["EPISCOPE_PROPERTY_SEED"] ?? 20261201) });
