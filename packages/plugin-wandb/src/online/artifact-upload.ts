import { basename, join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import type { LoggedArtifact } from "../format/decode-records.js";
import { serverSaysNo } from "../format/errors.js";
import { type ArtifactEntry, STORAGE_POLICY } from "../format/wandb-records.js";
import { base64Md5 } from "../run/artifact.js";
import {
  COMMIT_ARTIFACT,
  CREATE_ARTIFACT,
  CREATE_ARTIFACT_FILES,
  CREATE_ARTIFACT_MANIFEST,
} from "./operations.js";
import { at, headersOf, type RunPlace, type WandbApi } from "./wandb-api.js";

/** Files whose addresses are asked for at once. */
const FILES_AT_ONCE = 50;
const COMMITTED = "COMMITTED";

export interface ArtifactUploadOptions {
  readonly api: WandbApi;
  readonly place: RunPlace;
  readonly fs: FileSystem;
  /** Absolute path of the W&B run directory. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/**
 * Makes a version of an artifact at the server; contents that the server has already are no new version, so a second call sends
 * no file. Throws WANDB_REFUSED, TRACKER_REFUSED, and what reading a file throws.
 */
export async function uploadArtifact(
  artifact: LoggedArtifact,
  { api, place, fs, directory, signal }: ArtifactUploadOptions,
): Promise<void> {
  const { entity, project, run } = place;
  const created = await api.query(
    "CreateArtifact",
    CREATE_ARTIFACT,
    { input: inputOf(artifact, place) },
    signal,
  );
  const id = at(created, "createArtifact", "artifact", "id");
  if (typeof id !== "string") throw serverSaysNo("CreateArtifact", "it named no artifact");
  if (at(created, "createArtifact", "artifact", "state") === COMMITTED) return;

  const manifestOf = async (digest: string, includeUpload: boolean): Promise<unknown> => {
    const variables = {
      ...{ artifactID: id, baseArtifactID: null, name: "wandb_manifest.json", digest },
      ...{ entityName: entity, projectName: project, runName: run, manifestType: "FULL", includeUpload },
    };
    const data = await api.query("CreateArtifactManifest", CREATE_ARTIFACT_MANIFEST, variables, signal);
    return at(data, "createArtifactManifest", "artifactManifest");
  };
  const put = async (node: unknown, bytes: () => Uint8Array): Promise<void> => {
    const url = at(node, "uploadUrl");
    // Where the server has the bytes, there is no address.
    if (typeof url !== "string") return;
    await api.putFile(api.urlOf(url), bytes(), headersOf(at(node, "uploadHeaders")), signal);
  };

  const manifestId = at(await manifestOf("", false), "id");
  for (let from = 0; from < artifact.entries.length; from += FILES_AT_ONCE) {
    const some = artifact.entries.slice(from, from + FILES_AT_ONCE);
    const artifactFiles = some.map(({ path, digest }) => ({
      ...{ artifactID: id, artifactManifestID: manifestId, md5: digest, mimetype: null, name: path },
      uploadPartsInput: null,
    }));
    const input = { artifactFiles, clientMutationId: null, cloudRegionID: null, storageLayout: "V2" };
    const data = await api.query("CreateArtifactFiles", CREATE_ARTIFACT_FILES, { input }, signal);
    const edges = at(data, "createArtifactFiles", "files", "edges");
    if (!Array.isArray(edges) || edges.length !== some.length) {
      throw serverSaysNo("CreateArtifactFiles", "it gave not as many places as there are files");
    }
    for (const [index, entry] of some.entries()) {
      await put(at(edges[index], "node"), () => fs.readFileSync(placeOf(entry, directory, fs)));
    }
  }
  const manifest = Buffer.from(JSON.stringify(manifestFile(artifact, id)));
  await put(at(await manifestOf(base64Md5(manifest), true), "file"), () => manifest);
  await api.query("CommitArtifact", COMMIT_ARTIFACT, { artifactID: id }, signal);
}

/** Where a file of an artifact stands; a run directory may have moved since it was written. */
export function placeOf(
  { localPath }: ArtifactEntry,
  directory: string,
  fs: Pick<FileSystem, "existsSync">,
): string {
  const folder = `/${basename(directory)}/`;
  const at = localPath.lastIndexOf(folder);
  return at < 0 || fs.existsSync(localPath)
    ? localPath
    : join(directory, localPath.slice(at + folder.length));
}

/** The official client sends what is not set as null. */
function inputOf(artifact: LoggedArtifact, { entity, project, run }: RunPlace): object {
  const { name, type, digest, clientId, sequenceClientId } = artifact;
  return {
    aliases: [{ alias: "latest", artifactCollectionName: name }],
    ...{ artifactCollectionName: name, artifactCollectionNames: null, artifactTypeName: type },
    ...{ clientID: clientId, clientMutationId: null, description: null, digest },
    ...{ digestAlgorithm: "MANIFEST_MD5", distributedID: null, enableDigestDeduplication: true },
    ...{ entityName: entity, historyStep: null, labels: null, metadata: null, projectName: project },
    ...{ runName: run, sequenceClientID: sequenceClientId, storageRegion: null, ttlDurationSeconds: null },
  };
}

/** Without the official client's `local_path`: a path on this machine is nobody's business. */
function manifestFile({ entries }: LoggedArtifact, id: string): object {
  return {
    ...{ version: 1, storagePolicy: STORAGE_POLICY, storagePolicyConfig: { storageLayout: "V2" } },
    contents: Object.fromEntries(
      entries.map(({ path, digest, size }) => [
        path,
        { digest, size, birthArtifactID: id, skip_cache: false },
      ]),
    ),
  };
}
