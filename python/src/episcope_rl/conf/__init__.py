"""The recorder's config groups for applications that use Hydra: `hydra.searchpath: [pkg://episcope_rl.conf]`."""
