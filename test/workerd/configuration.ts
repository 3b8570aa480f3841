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
  /** Default: that with which the package is tested. */
  compatibilityDate?: string | undefined;
  /** Where the Durable Objects keep their SQLite files. */
  disk: string;
  /** A unix socket on which another workerd may call this entrypoint by RPC. */
  rpc?: { path: string; entrypoint: string } | undefined;
  /** Services of another workerd that are bound in `env`, by the unix sockets of their `rpc`. */
  remotes?: Readonly<Record<string, string>>;
  /** Whether it may fetch from servers on this machine. Default: from none. */
  fetchesLocally?: boolean | undefined;
}

/** A capnp configuration for `workerd serve`: the module `worker.js` beside it, on any free port of the loopback. */
export function toCapnp(configuration: WorkerConfiguration): string {
  const { objects, variables, flags, disk, rpc, remotes = {}, fetchesLocally = false } = configuration;
  const { compatibilityDate = "2026-10-01" } = configuration;
  const sockets = ['(name = "http", address = "127.0.0.1:0", http = (), service = "main")'];
  if (rpc !== undefined) {
    const service = `(name = "main", entrypoint = ${text(rpc.entrypoint)})`;
    const address = text(`unix:${rpc.path}`);
    sockets.push(`(name = "rpc", address = ${address}, http = (capnpConnectHost = "x"), service = ${service})`);
  }
  const external = Object.entries(remotes).map(
    ([name, path]) =>
      `(name = ${text(name)}, external = (address = ${text(`unix:${path}`)}, http = (capnpConnectHost = "x"))),`,
  );
  if (fetchesLocally) external.push('(name = "internet", network = (allow = ["local"])),');
  const bindings = [
    ...Object.keys(remotes).map((name) => `(name = ${text(name)}, service = ${text(name)})`),
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
    ${external.join("\n    ")}
  ],
  sockets = [${sockets.join(", ")}],
);

const mainWorker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = ${text(compatibilityDate)},
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
