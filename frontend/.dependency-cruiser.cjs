/** Who may import whom; the plan is in the root's design: features are islands. */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "features-are-islands",
      comment: "A feature uses api, ui, i18n and desktop; what two features share moves there.",
      severity: "error",
      // A test may start where the program does.
      from: { path: "^src/features/([^/]+)/", pathNot: "\\.test\\.tsx?$" },
      to: { path: "^src/(features/|app/)", pathNot: "^src/features/$1/" },
    },
    {
      name: "ui-knows-no-domain",
      severity: "error",
      from: { path: "^src/ui/" },
      to: { path: "^src/(api|features|app|desktop)/" },
    },
    {
      name: "api-is-below-the-pages",
      severity: "error",
      from: { path: "^src/(api|desktop|i18n)/" },
      to: { path: "^src/(features|app|ui)/" },
    },
    {
      name: "wails-only-in-desktop",
      severity: "error",
      from: { pathNot: "^src/desktop/" },
      to: { path: "wailsjs" },
    },
    {
      name: "tests-stay-out-of-the-program",
      severity: "error",
      from: { pathNot: "^src/testing/|\\.test\\.tsx?$" },
      to: { path: "^src/testing/|\\.test\\.tsx?$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
