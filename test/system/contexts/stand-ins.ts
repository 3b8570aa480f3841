// What blocks of the documentation declare and leave to their reader, for when they run.
Object.assign(globalThis, {
  userOf: async () => ({ id: "user-1", name: "Ada" }),
  verify: async () => ({ sub: "user-1", name: "Ada", exp: Date.now() / 1_000 + 3_600 }),
  agent: {
    async *stream() {
      yield { type: "done" };
    },
  },
});
