import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "wailsjs", "**/*.gen.ts", "*.config.*", ".dependency-cruiser.cjs", "scripts", "e2e"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  reactHooks.configs.flat["recommended-latest"],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "no-restricted-globals": ["error", { name: "fetch", message: "call src/api/client.ts" }],
      "max-lines": ["error", 300],
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      // Warns of every virtual list, for the sake of a compiler that we do not use.
      "react-hooks/incompatible-library": "off",
    },
  },
  { files: ["src/api/**"], rules: { "no-restricted-globals": "off" } },
  {
    files: ["src/ui/**"],
    rules: { "no-restricted-imports": ["error", { patterns: ["@/api/*", "@/features/*"] }] },
  },
);
