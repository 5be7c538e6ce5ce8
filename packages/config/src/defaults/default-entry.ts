import { rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import type { DefaultOrigin } from "./origin.js";

/** Name of the empty config that replaces a primary config that was not named. */
export const NO_CONFIG = "_dummy_empty_config_";

/** What an entry of a defaults list is below: the group and package of the config that holds the list. */
interface Parent {
  readonly group: string;
  readonly package: string;
}

const GLOBAL = "_global_";

/** One entry of a defaults list: a config by its path, `_self_`, or an option of a config group. */
abstract class DefaultEntry {
  package: string | undefined;
  /** Package that the file itself asks for; absolute. */
  packageHeader: string | undefined;
  primary = false;
  deleted = false;
  optional: boolean;
  literal: boolean;
  readonly origin: DefaultOrigin | undefined;
  protected parent: Parent | undefined;

  constructor(options: EntryOptions) {
    this.package = options.package === "_here_" ? "" : options.package;
    this.optional = options.optional ?? false;
    this.literal = options.literal ?? false;
    this.origin = options.origin;
  }

  abstract readonly isSelf: boolean;
  abstract readonly isOverride: boolean;
  /** Group and name of the config, as the entry writes them. */
  protected abstract get written(): { readonly path: string; readonly name: string | null };
  abstract get groupPath(): string;
  abstract get configPath(): string;
  /** Name of the config in its group; null when nothing is chosen. */
  abstract get name(): string | null;
  abstract get isInterpolation(): boolean;
  abstract resolveInterpolation(resolve: (text: string) => string): void;

  get isMissing(): boolean {
    return this.name === "???" && !this.literal;
  }

  get parentGroup(): string {
    return this.parent!.group;
  }

  setParent(group: string, packageName: string, versionBase: VersionBase): void {
    this.parent = { group, package: packageName };
    if (!rulesOf(versionBase).groupKeywordFirst && this.package?.includes("_group_") === true) {
      this.package = `${GLOBAL}.${this.package.replaceAll("_group_", this.defaultPackage)}`;
    }
  }

  setPackageHeader(header: string | undefined, versionBase: VersionBase): void {
    if (header === undefined) return;
    if (versionBase === "1.1" && header === "_group_") return;
    // A header is absolute, whether it says so or not.
    const absolute =
      header === GLOBAL || header.startsWith(`${GLOBAL}.`)
        ? header
        : header === ""
          ? GLOBAL
          : `${GLOBAL}.${header}`;
    this.packageHeader =
      versionBase === "1.1" ? absolute.replaceAll("_group_", this.defaultPackage) : absolute;
  }

  get defaultPackage(): string {
    return this.groupPath.replaceAll("/", ".");
  }

  /** Package as written on the entry, else that of the file's header. */
  get ownPackage(): string | undefined {
    return this.package ?? this.packageHeader;
  }

  /** Where the config is put. */
  finalPackage(versionBase: VersionBase, withHeader = true): string {
    let own = (withHeader ? this.ownPackage : this.package) ?? this.relativePackage();
    if (rulesOf(versionBase).groupKeywordFirst && this.package !== undefined) own = this.#withGroup(own);
    const { name } = this.written;
    if (versionBase === "1.1" && name !== null) own = own.replaceAll("_name_", name);
    const above = this.packageAbove;
    const full = above === "" ? own : own === "" ? above : `${above}.${own}`;
    const global = full.lastIndexOf(GLOBAL);
    return global === -1 ? full : full.slice(global + GLOBAL.length + 1);
  }

  /** `_group_` or `_group_.x` in words. */
  #withGroup(packageName: string): string {
    if (packageName !== "_group_" && !packageName.startsWith("_group_.")) return packageName;
    const rest = packageName.slice("_group_.".length);
    const resolved = [this.defaultPackage, rest].filter((part) => part !== "").join(".");
    return `${GLOBAL}.${resolved}`;
  }

  protected get packageAbove(): string {
    return this.parent!.package;
  }

  private relativePackage(): string {
    const { path } = this.written;
    return (path.startsWith("/") ? path.slice(1) : path).replaceAll("/", ".");
  }

  /** Key by which an override chooses the option: `group`, or `group@package` away from the default package. */
  overrideKey(versionBase: VersionBase): string {
    const final = this.finalPackage(versionBase, false);
    if (final === this.defaultPackage) return this.groupPath;
    return `${this.groupPath}@${final === "" ? GLOBAL : final}`;
  }
}

interface EntryOptions {
  readonly package?: string | undefined;
  readonly optional?: boolean;
  /** Whether the name `???` is that of an option, and not a missing choice. */
  readonly literal?: boolean;
  readonly origin?: DefaultOrigin | undefined;
}

/** `db/mysql`, `/db/mysql@pkg`, `_self_`. */
export class ConfigDefault extends DefaultEntry {
  readonly kind = "config";
  readonly isOverride = false;
  path: string;

  constructor(path: string, options: EntryOptions = {}) {
    super(options);
    this.path = path;
  }

  get isSelf(): boolean {
    return this.path === "_self_";
  }

  protected get written(): { path: string; name: string } {
    const slash = this.path.lastIndexOf("/");
    return { path: slash === -1 ? "" : this.path.slice(0, slash), name: this.path.slice(slash + 1) };
  }

  get name(): string {
    return this.written.name;
  }

  get groupPath(): string {
    const { configPath } = this;
    const slash = configPath.lastIndexOf("/");
    return slash === -1 ? "" : configPath.slice(0, slash);
  }

  get configPath(): string {
    return below(this.parent!.group, this.path);
  }

  /** Group and config path where the group above is another one. */
  pathsBelow(group: string): { readonly groupPath: string; readonly configPath: string } {
    const configPath = below(group, this.path);
    return { groupPath: configPath.slice(0, Math.max(0, configPath.lastIndexOf("/"))), configPath };
  }

  get isInterpolation(): boolean {
    return this.configPath.includes("${");
  }

  resolveInterpolation(resolve: (text: string) => string): void {
    this.path = resolve(this.configPath);
  }
}

/** `db: mysql`, `override /db@pkg: mysql`, `db: [a, b]`, `db: null`. */
export class GroupDefault extends DefaultEntry {
  readonly kind = "group";
  group: string;
  /** What the group was before a part of the option became a part of it. */
  writtenGroup: string | undefined;
  /** Whether it counts from the root, whatever is above. */
  readonly fromRoot: boolean;
  isOverride: boolean;
  /** Appended by an override `+group=option`. */
  readonly external: boolean;
  value: string | readonly string[] | null;

  constructor(
    group: string,
    value: string | readonly string[] | null,
    options: EntryOptions & { override?: boolean; external?: boolean; fromRoot?: boolean } = {},
  ) {
    super(options);
    this.group = group;
    this.fromRoot = options.fromRoot ?? false;
    this.value = value;
    this.isOverride = options.override ?? false;
    this.external = options.external ?? false;
  }

  get isSelf(): boolean {
    return this.value === "_self_";
  }

  protected get written(): { path: string; name: string | null } {
    return { path: this.group, name: typeof this.value === "string" ? this.value : null };
  }

  get name(): string | null {
    return typeof this.value === "string" ? this.value : null;
  }

  /** Several options of the group at once; undefined for a single one. */
  get options(): readonly string[] | undefined {
    return this.value === null || typeof this.value === "string" ? undefined : this.value;
  }

  get groupPath(): string {
    return below(this.fromRoot ? "" : this.parent!.group, this.group);
  }

  protected override get packageAbove(): string {
    return this.fromRoot ? "" : super.packageAbove;
  }

  /** Group and config path with the group as it was written, where the group above is another one. */
  pathsBelow(group: string): { readonly groupPath: string; readonly configPath: string } {
    const groupPath = below(this.fromRoot ? "" : group, this.writtenGroup ?? this.group);
    return { groupPath, configPath: `${groupPath}/${this.name ?? "None"}` };
  }

  /** `group: sub/option` becomes `group/sub: option`. */
  splitOption(): void {
    const { value } = this;
    if (typeof value !== "string" || !value.includes("/") || value.includes("${")) return;
    if (value.split("/").includes("..")) return;
    const slash = value.lastIndexOf("/");
    this.writtenGroup = this.group;
    this.group = `${this.group}/${value.slice(0, slash)}`;
    this.value = value.slice(slash + 1);
  }

  get configPath(): string {
    return `${this.groupPath}/${this.name ?? "None"}`;
  }

  get isInterpolation(): boolean {
    return typeof this.value === "string" && this.value.includes("${");
  }

  resolveInterpolation(resolve: (text: string) => string): void {
    if (typeof this.value === "string") this.value = resolve(this.value);
  }

  relativeOverrideKey(): string {
    const { package: own, group } = this;
    return own !== undefined && own !== this.defaultPackage ? `${group}@${own}` : group;
  }
}

export type Default = ConfigDefault | GroupDefault;

/** A path below a group, unless it is absolute. */
function below(group: string, path: string): string {
  if (path.startsWith("/")) return path.slice(1);
  return group === "" ? path : `${group}/${path}`;
}
