import { registerHooks } from "node:module";

// Node runs TypeScript as it is, but imports here name what a compiler would make of a file: `./rounds.js` is `rounds.ts`.
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!specifier.startsWith(".") || !specifier.endsWith(".js")) throw error;
      return next(specifier.replace(/\.js$/, ".ts"), context);
    }
  },
});

const { main } = await import("./main.ts");
// A bench that failed may have left a server, which would keep this process alive.
process.exit(await main(process.argv.slice(2)));
