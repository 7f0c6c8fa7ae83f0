package main

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// window is the Wails window as the desktop knows it. Until Wails has started
// it does nothing but remember.
type window struct {
	ended chan struct{} // closed when Wails has returned

	mu  sync.Mutex
	ctx context.Context //nolint:containedctx // Wails names its window by it.
}

func (w *window) started() (context.Context, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ctx, w.ctx != nil
}

// start is Wails's first call.
func (w *window) start(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ctx = ctx
}

// Show brings the window to the front, at a page.
func (w *window) Show(page string) {
	ctx, ok := w.started()
	if !ok {
		return // It opens shown.
	}
	w.visit(ctx, page)
	runtime.WindowUnminimise(ctx)
	runtime.WindowShow(ctx)
}

// visit goes to a page. The part behind # is the router's.
func (w *window) visit(ctx context.Context, page string) {
	if page == "" {
		return
	}
	target, err := json.Marshal("#" + page)
	if err != nil {
		return // A string can be written.
	}
	runtime.WindowExecJS(ctx, "location.hash = "+string(target))
}

// Hide takes the window off the screen.
func (w *window) Hide() {
	if ctx, ok := w.started(); ok {
		runtime.WindowHide(ctx)
	}
}

// Minimise leaves the window in the task bar.
func (w *window) Minimise() {
	if ctx, ok := w.started(); ok {
		runtime.WindowMinimise(ctx)
	}
}

// Tell shows a message until it was read.
func (w *window) Tell(title, text string) {
	w.dialog(runtime.InfoDialog, title, text)
}

// Ask shows a question.
func (w *window) Ask(title, text string) bool {
	return w.dialog(runtime.QuestionDialog, title, text) == "Yes"
}

// dialog gives the name of the button that was pressed; "" when none could be.
func (w *window) dialog(kind runtime.DialogType, title, text string) string {
	ctx, ok := w.started()
	if !ok {
		return ""
	}
	button, err := runtime.MessageDialog(ctx, runtime.MessageDialogOptions{Type: kind, Title: title, Message: text})
	if err != nil {
		return ""
	}
	return button
}

// Close ends Wails's main loop. A loop that is just beginning does not hear the
// first call, so it is repeated until the loop has ended.
func (w *window) Close() {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case <-w.ended:
			return
		default:
		}
		if ctx, ok := w.started(); ok {
			runtime.Quit(ctx)
		}
		select {
		case <-w.ended:
			return
		case <-again.C:
		}
	}
}
