/** Which generation of Hydra's rules to follow; 1.1 keeps what 1.2 removed. */
export type VersionBase = "1.1" | "1.2" | "1.3";
