/** A Durable Object of a worker: the name its binding has in `env`, and its class. */
export interface DurableObjectBinding {
  name: string;
  className: string;
}

export interface WorkerConfiguration {
  objects: readonly DurableObjectBinding[];
  /** Variables in `env`. */
  variables: Readonly<Record<string, string>>;
  /** Compatibility flags, beside the date. */
  flags: readonly string[];
  /** Where the Durable Objects keep their SQLite files. */
  disk: string;
}

/** A capnp configuration for `workerd serve`: the module `worker.js` beside it, on any free port of the loopback. */
export function toCapnp({ objects, variables, flags, disk }: WorkerConfiguration): string {
  const bindings = [
    ...objects.map(({ name, className }) => `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`),
    ...Object.entries(variables).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
  ];
  const namespaces = objects.map(
    ({ className }) => `(className = ${text(className)}, uniqueKey = ${text(`${className}-key`)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .mainWorker),
    (name = "data", disk = (path = ${text(disk)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const mainWorker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  compatibilityFlags = [${flags.map(text).join(", ")}],
  bindings = [${bindings.join(", ")}],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "data"),
);
`;
}

/** A capnp text literal; JSON's escapes are valid in it. */
function text(value: string): string {
  return JSON.stringify(value);
}
