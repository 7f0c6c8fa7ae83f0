// The words of all that is not on the first page, in both languages.
import accountsEn from "./accounts.en.json";
import accountsZhCN from "./accounts.zh-CN.json";
import careEn from "./care.en.json";
import careZhCN from "./care.zh-CN.json";
import connectEn from "./connect.en.json";
import connectZhCN from "./connect.zh-CN.json";
import drawerEn from "./drawer.en.json";
import drawerZhCN from "./drawer.zh-CN.json";
import figuresEn from "./figures.en.json";
import figuresZhCN from "./figures.zh-CN.json";
import firstRunEn from "./firstRun.en.json";
import firstRunZhCN from "./firstRun.zh-CN.json";
import type { Messages } from "./i18n";
import modelsEn from "./models.en.json";
import modelsZhCN from "./models.zh-CN.json";
import networkEn from "./network.en.json";
import networkZhCN from "./network.zh-CN.json";
import paletteEn from "./palette.en.json";
import paletteZhCN from "./palette.zh-CN.json";
import playgroundEn from "./playground.en.json";
import playgroundZhCN from "./playground.zh-CN.json";
import restEn from "./rest.en.json";
import restZhCN from "./rest.zh-CN.json";
import settingsEn from "./settings.en.json";
import settingsZhCN from "./settings.zh-CN.json";
import updatesEn from "./updates.en.json";
import updatesZhCN from "./updates.zh-CN.json";

export const en = {
  ...accountsEn,
  ...careEn,
  ...connectEn,
  ...drawerEn,
  ...figuresEn,
  ...firstRunEn,
  ...modelsEn,
  ...networkEn,
  ...paletteEn,
  ...playgroundEn,
  ...restEn,
  ...settingsEn,
  ...updatesEn,
};

/** A Chinese key that is missing does not compile. */
export const zhCN: Messages<typeof en> = {
  ...accountsZhCN,
  ...careZhCN,
  ...connectZhCN,
  ...drawerZhCN,
  ...figuresZhCN,
  ...firstRunZhCN,
  ...modelsZhCN,
  ...networkZhCN,
  ...paletteZhCN,
  ...playgroundZhCN,
  ...restZhCN,
  ...settingsZhCN,
  ...updatesZhCN,
};
