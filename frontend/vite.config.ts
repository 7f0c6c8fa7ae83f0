import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The admin API of a server started with `serve --demo --admin`, for `npm run dev`.
const server = process.env.OPENAICOMPATIBLE_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "./",
  plugins: [react()],
  resolve: { alias: { "@": new URL("src", import.meta.url).pathname } },
  server: { host: "127.0.0.1", proxy: { "/api": { target: server, changeOrigin: true } } },
  // public/.gitkeep becomes dist/.gitkeep, which is committed so that Go builds before the pages do.
  build: {
    manifest: true,
    reportCompressedSize: false,
    // Six kilobytes less than the minifier that comes with Vite.
    minify: "terser",
    terserOptions: { module: true, ecma: 2020, compress: { passes: 3 }, format: { comments: false } },
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/testing/setup.ts"],
    css: false,
    testTimeout: 30_000,
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
