/** What workerd offers tests under its compatibility flag `unsafe_module`, as far as it is used here. */
declare module "workerd:unsafe" {
  const unsafe: {
    /** Evicts an idle object from memory; its hibernating sockets stay open. Rejects if it does not run. */
    evict(stub: DurableObjectStub, options: { webSockets: "hibernate" }): Promise<void>;
  };
  export default unsafe;
}
