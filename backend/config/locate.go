package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Locate finds the file: the one of the flag, or, without a window, a
// config.json in the working folder, where the original program looked, or the
// one in the user's configuration folder. It need not exist.
func Locate(flag string, headless bool) (path string, err error) {
	if flag != "" {
		return filepath.Abs(flag)
	}
	if headless {
		for _, name := range []string{localName, fileName} {
			if _, err := os.Stat(name); err == nil {
				return filepath.Abs(fileName)
			}
		}
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the folder of settings: %w: name a file with --config", err)
	}
	return filepath.Join(folder, folderName(), fileName), nil
}

// DataDir is the folder of what the program keeps beside its settings, as the
// request log: the user's data folder for the file in the user's configuration
// folder, and a folder beside the file for any other, so that two
// configurations never share one. It need not exist.
func DataDir(configPath string) string {
	dir := filepath.Dir(configPath)
	if config, err := os.UserConfigDir(); err == nil && dir == filepath.Join(config, folderName()) {
		if data, ok := userDataDir(); ok {
			return filepath.Join(data, folderName())
		}
	}
	return filepath.Join(dir, "openaicompatible-data")
}

// userDataDir is where the system keeps data of programs that is not settings.
func userDataDir() (string, bool) {
	switch runtime.GOOS {
	case "windows":
		dir := os.Getenv("LocalAppData")
		return dir, dir != ""
	case "darwin", "ios":
		dir, err := os.UserConfigDir() // Application Support is for both
		return dir, err == nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, true
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share"), err == nil
}

func folderName() string {
	switch runtime.GOOS {
	case "windows", "darwin", "ios":
		return "OpenAICompatible"
	}
	return "openaicompatible"
}
