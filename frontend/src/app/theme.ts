// Our look on Mantine: one accent, neutral greys, a 4-px grid, 13 and 14 px.
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const accent: MantineColorsTuple = [
  "#eef1fe",
  "#dfe5fc",
  "#bfcaf8",
  "#9db0ff",
  "#8298f5",
  "#667fec",
  "#3f5bd9",
  "#3550c6",
  "#2b42a8",
  "#1f3080",
];

// Shade 6 is dimmed text on white and shade 2 dimmed text on the dark ground:
// both keep a contrast of 4.5 or more on every surface that we use.
const gray: MantineColorsTuple = [
  "#f7f7f8",
  "#f1f1f3",
  "#e8e9ec",
  "#e1e2e6",
  "#d0d2d8",
  "#9498a1",
  "#5d616a",
  "#474a52",
  "#2e3036",
  "#1b1c1f",
];

const dark: MantineColorsTuple = [
  "#e4e5e9",
  "#c0c3ca",
  "#9a9fa8",
  "#6f747d",
  "#34373d",
  "#26282c",
  "#1a1b1e",
  "#121315",
  "#0e0f10",
  "#0a0b0c",
];

const fonts =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
const monospace =
  'ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace';

const fine = { "--input-error-size": "12px", "--input-description-size": "12px" };
const overlay = { transitionProps: { duration: 120 } };

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 6 },
  colors: { accent, gray, dark },
  black: "#1b1c1f",
  fontFamily: fonts,
  fontFamilyMonospace: monospace,
  fontSizes: { xs: "13px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.4" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "2px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Button: { defaultProps: { size: "xs", variant: "default" } },
    ActionIcon: { defaultProps: { size: 28, variant: "subtle", color: "gray" } },
    InputWrapper: { vars: () => ({ error: fine, description: fine, label: {} }) },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", allowDeselect: false } },
    Autocomplete: { defaultProps: { size: "xs" } },
    TagsInput: { defaultProps: { size: "xs" } },
    SegmentedControl: {
      defaultProps: { size: "xs", transitionDuration: 120, withItemsBorders: false },
      styles: { indicator: { boxShadow: "none", border: "1px solid var(--line-strong)" } },
    },
    Switch: { defaultProps: { size: "sm", withThumbIndicator: false } },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 80 } } },
    Modal: { defaultProps: { ...overlay, centered: true, shadow: "lg" } },
    Drawer: { defaultProps: { ...overlay, shadow: "lg" } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: { "--mantine-font-weight-medium": "500" },
  light: {
    "--mantine-color-dimmed": "#5d616a",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-anchor": "#3550c6",
    "--mantine-color-placeholder": "#6b6f78",
    "--mantine-color-default-border": "#d0d2d8",
    "--mantine-color-default-hover": "#f4f4f6",
  },
  dark: {
    "--mantine-color-dimmed": "#9a9fa8",
    "--mantine-color-error": "#f5938c",
    "--mantine-color-anchor": "#9db0ff",
    "--mantine-color-placeholder": "#8d929b",
    "--mantine-color-default": "#1a1b1e",
    "--mantine-color-default-border": "#34373d",
    "--mantine-color-default-hover": "#202226",
  },
});
