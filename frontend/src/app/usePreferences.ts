import { useMantineColorScheme } from "@mantine/core";
import { useEffect } from "react";
import { useSettings } from "@/api/queries";
import { languageFor, switchLanguage } from "@/i18n/i18n";

/** Makes language and theme follow the settings, wherever they were changed. */
export function usePreferences(): void {
  const { data: settings } = useSettings();
  const { setColorScheme } = useMantineColorScheme();
  const language = settings?.language;
  const theme = settings?.theme;

  useEffect(() => {
    if (theme) setColorScheme(theme === "system" ? "auto" : theme);
  }, [theme, setColorScheme]);

  useEffect(() => {
    if (language) void switchLanguage(languageFor(language, navigator.languages));
  }, [language]);
}
