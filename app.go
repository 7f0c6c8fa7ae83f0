package main

import (
	"context"
	_ "embed" // For the icon.
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	goruntime "runtime"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"github.com/WenChunTech/OpenAICompatible/backend/desktop"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/browser"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/save"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

//go:embed build/linux/openaicompatible.png
var icon []byte

var errNotOpen = errors.New("the window is not open")

// App is what the pages may call beside the admin API: the few things that a
// browser cannot do.
type App struct {
	window  *window
	program *desktop.Program
	api     http.Handler
}

// CopyText puts text on the clipboard.
func (a *App) CopyText(text string) error {
	ctx, ok := a.window.started()
	if !ok {
		return errNotOpen
	}
	return runtime.ClipboardSetText(ctx, text)
}

// OpenBrowser shows a web page in the person's browser.
func (a *App) OpenBrowser(address string) error { return browser.Open(address) }

// StartsAtLogin says whether the system starts the program at login.
func (a *App) StartsAtLogin() (bool, error) { return a.program.StartsAtLogin() }

// StartAtLogin makes the system start the program at login, or no longer.
func (a *App) StartAtLogin(on bool) error { return a.program.StartAtLogin(on) }

// SaveAs asks where to save, and writes an answer of the admin API there. It is
// false when the person has cancelled.
func (a *App) SaveAs(name, method, path, body string) (bool, error) {
	ctx, ok := a.window.started()
	if !ok {
		return false, errNotOpen
	}
	target, err := runtime.SaveFileDialog(ctx, runtime.SaveDialogOptions{DefaultFilename: filepath.Base(name), CanCreateDirectories: true})
	if err != nil || target == "" {
		return false, err
	}
	return true, save.Write(ctx, a.api, method, path, body, target)
}

// openWindow runs Wails until the program ends. It must run on the main thread,
// and only once in a process.
func openWindow(a *App, events *event.Bus, theme string) (err error) {
	w, program := a.window, a.program
	defer func() {
		close(w.ended)
		// Wails panics when the display cannot be reached.
		if reason := recover(); reason != nil {
			err = fmt.Errorf("open the window: %v", reason)
		}
	}()
	forwarding, stop := context.WithCancel(context.Background())
	defer stop()
	return wails.Run(&options.App{
		Title: "OpenAICompatible", Width: 1100, Height: 720, MinWidth: 900, MinHeight: 600,
		AssetServer:              &assetserver.Options{Handler: a.api},
		BackgroundColour:         ground(theme),
		EnableDefaultContextMenu: true, // Copy and paste by mouse.
		Menu:                     applicationMenu(),
		Bind:                     []any{a},
		LogLevelProduction:       logger.ERROR,
		OnStartup: func(ctx context.Context) {
			w.start(ctx)
			// Ends with the window.
			go desktop.Forward(forwarding, events, func(e event.Event) { runtime.EventsEmit(ctx, "event", e) })
		},
		OnDomReady:    func(ctx context.Context) { w.visit(ctx, program.Page()) },
		OnBeforeClose: func(context.Context) bool { return program.BeforeClose() },
		Linux:         &linux.Options{Icon: icon, ProgramName: "openaicompatible", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		Windows:       &windows.Options{Theme: windowsTheme(theme)},
		Mac:           &mac.Options{About: &mac.AboutInfo{Title: "OpenAICompatible", Icon: icon}},
	})
}

// ground is the colour before the pages are there: theirs.
func ground(theme string) *options.RGBA {
	if theme == "dark" {
		return options.NewRGB(0x12, 0x13, 0x15)
	}
	return options.NewRGB(0xFF, 0xFF, 0xFF)
}

func windowsTheme(theme string) windows.Theme {
	switch theme {
	case "dark":
		return windows.Dark
	case "light":
		return windows.Light
	default:
		return windows.SystemDefault
	}
}

// applicationMenu is for macOS, where the keys for copy and paste are the Edit
// menu's. Elsewhere there is none.
func applicationMenu() *menu.Menu {
	if goruntime.GOOS != "darwin" {
		return nil
	}
	return menu.NewMenuFromItems(menu.AppMenu(), menu.EditMenu(), menu.WindowMenu())
}
