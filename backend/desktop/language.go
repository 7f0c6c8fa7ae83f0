package desktop

// Language is the language of a setting: system becomes the person's.
func Language(setting string) string {
	if setting == "system" || setting == "" {
		return systemLanguage()
	}
	return setting
}
