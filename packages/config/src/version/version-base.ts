/**
 * Which generation of Hydra's rules to follow: 1.1 keeps what 1.2 removed, 1.4 has the rules of Hydra 1.4 and
 * OmegaConf 2.4 (release candidates).
 */
export type VersionBase = "1.1" | "1.2" | "1.3" | "1.4";
