import "reflect-metadata";
import { type DependencyContainer, instanceCachingFactory, container as root } from "tsyringe";
import { serviceDuplicate, serviceFailed, serviceLate, serviceUnknown } from "../contract/errors.js";
import { type Services, type ServiceToken, serviceName } from "../contract/services.js";

export type { DependencyContainer } from "tsyringe";

/** What ends a service that holds something: the first of these that it has. */
const ENDINGS = [Symbol.asyncDispose, Symbol.dispose, "close", "dispose"];

/**
 * The services of one run, in a child of the program's container: what the program registered there wins over what a plugin
 * provides, and that over what the run offers itself. Each is made when it is first asked for. `close` ends what the run and
 * its plugins made, the newest first; what the program made is the program's.
 */
export class RunContainer implements Services {
  readonly #program: DependencyContainer;
  readonly #run: DependencyContainer;
  /** Tokens that somebody registered for this run, with the plugin that did. */
  readonly #owners: Map<ServiceToken<unknown>, string | null> = new Map();
  readonly #resolved: Set<ServiceToken<unknown>> = new Set();
  #isClosed = false;
  readonly #made: { readonly name: string; readonly service: unknown }[] = [];

  constructor(parent: DependencyContainer | undefined) {
    this.#program = parent ?? root;
    this.#run = this.#program.createChildContainer();
  }

  /** Says how the run itself makes a service, where neither program nor plugin has said so. */
  offer<T>(token: ServiceToken<T>, make: (services: Services) => T): void {
    if (!this.isProgramsOwn(token) && !this.#owners.has(token)) this.#register(token, make, null);
  }

  /** As `offer`, for what is there already; gives what counts. The run does not close it. */
  use<T>(token: ServiceToken<T>, value: T): T {
    if (!this.isProgramsOwn(token)) {
      this.#owners.set(token, null);
      this.#run.register(token, { useValue: value });
    }
    return this.resolve(token);
  }

  /**
   * Says how a plugin makes a service. Throws SERVICE_DUPLICATE if another plugin provides it too, and SERVICE_LATE if it has been
   * asked for.
   */
  provide<T>(plugin: string, token: ServiceToken<T>, make: (services: Services) => T): void {
    if (this.isProgramsOwn(token)) return;
    const owner = this.#owners.get(token);
    if (typeof owner === "string") throw serviceDuplicate(serviceName(token), owner, plugin);
    if (this.#resolved.has(token)) throw serviceLate(serviceName(token), plugin);
    this.#register(token, make, plugin);
  }

  /** Whether the program has registered a service itself, so that it stands only in the program's memory. */
  isProgramsOwn(token: ServiceToken<unknown>): boolean {
    return this.#program.isRegistered(token, true);
  }

  /** `make` is for one that nobody has. Throws SERVICE_UNKNOWN, or SERVICE_FAILED with what the maker threw. */
  resolve<T>(token: ServiceToken<T>, make?: (services: Services) => T): T {
    if (make !== undefined && !this.#run.isRegistered(token, true)) this.#register(token, make, null);
    // A class needs no registration: what its constructor asks for is resolved.
    if (typeof token !== "function" && !this.#run.isRegistered(token, true))
      throw serviceUnknown(serviceName(token), this.#names());
    this.#resolved.add(token);
    try {
      return this.#run.resolve(token);
    } catch (cause) {
      // One that failed for want of another says which.
      if ((cause as { code?: unknown } | null)?.code !== undefined) throw cause;
      throw serviceFailed(serviceName(token), "be made", cause);
    }
  }

  /** Ends the services, the newest first. Tries all, and tells what failed. */
  async close(onError: (error: unknown) => void): Promise<void> {
    for (const { name, service } of this.#made.splice(0).reverse()) {
      try {
        await end(service);
      } catch (cause) {
        onError(serviceFailed(name, "be closed", cause));
      }
    }
    // Instances of classes that were made for this run alone.
    if (!this.#isClosed) await this.#run.dispose();
    this.#isClosed = true;
  }

  #register<T>(token: ServiceToken<T>, make: (services: Services) => T, owner: string | null): void {
    this.#owners.set(token, owner);
    const useFactory = instanceCachingFactory(() => {
      const service = make(this);
      this.#made.push({ name: serviceName(token), service });
      return service;
    });
    this.#run.register(token, { useFactory });
  }

  #names(): string[] {
    return [...this.#owners.keys()].map(serviceName).sort();
  }
}

/** A container to register replacements in before `openRun`. */
export function createContainer(): DependencyContainer {
  return root.createChildContainer();
}

async function end(service: unknown): Promise<void> {
  if (typeof service !== "object" || service === null) return;
  const closable = service as { readonly [name: string | symbol]: unknown };
  const name = ENDINGS.find((ending) => typeof closable[ending] === "function");
  if (name !== undefined) await (closable[name] as () => unknown).call(service);
}
