package desktop

import "golang.org/x/sys/windows"

// HasDisplay says whether a window could be shown.
func HasDisplay() bool { return true }

func systemLanguage() string {
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return "en"
	}
	return names[0]
}
