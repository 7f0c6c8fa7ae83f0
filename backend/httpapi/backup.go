package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

const typeBytes = "application/octet-stream"

// mostPiece bounds a piece of a file that is sent to be restored: a window may
// not send a large file at once.
const mostPiece = 16 << 20

// backups are the operations on all that was set up.
func (a admin) backups(api huma.API) {
	backup := op(http.MethodPost, "/api/backup", "makeBackup", "All that was set up, as an encrypted file")
	backup.Responses = map[string]*huma.Response{"200": {
		Description: "The file", Content: map[string]*huma.MediaType{typeBytes: {}},
	}}
	huma.Register(api, backup, a.makeBackup)
	stage := op(http.MethodPut, "/api/restore/file", "stageBackup", "Send a piece of a file that is to be restored")
	stage.MaxBodyBytes, stage.BodyReadTimeout = mostPiece, time.Minute
	huma.Register(api, stage, a.stageBackup)
	huma.Register(api, op(http.MethodDelete, "/api/restore/file", "discardBackup", "Forget the file that was sent"), a.discardBackup)
	huma.Register(api, op(http.MethodPost, "/api/restore/preview", "previewBackup", "What is in the file, beside what is here"), a.previewBackup)
	huma.Register(api, op(http.MethodPost, "/api/restore", "restoreBackup", "Put the file in the place of all that was set up"), a.restoreBackup)
	get(api, "/api/restore", "lastRestore", "What was here before the last restore", a.lastRestore)
	huma.Register(api, op(http.MethodDelete, "/api/restore", "forgetRestore", "Delete what was here before the last restore"), a.forgetRestore)
	huma.Register(api, op(http.MethodPost, "/api/restore/undo", "undoRestore", "Put back what was here before the last restore"), a.undoRestore)
}

// makeBackup sends the file while it is made. What fails halfway breaks the
// connection off, and what came of the file is known as cut.
func (a admin) makeBackup(ctx context.Context, in *body[control.BackupChoice]) (*huma.StreamResponse, error) {
	write, err := a.s.Backups().Make(ctx, in.Body)
	if err != nil {
		return nil, problem(err)
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", typeBytes)
		c.SetHeader("Content-Disposition", `attachment; filename="openaicompatible-`+time.Now().Format("20060102-150405")+`.backup"`)
		if err := write(c.BodyWriter()); err != nil {
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

type stageInput struct {
	At      int64  `query:"at" minimum:"0" doc:"How many bytes were sent before"`
	RawBody []byte `contentType:"application/octet-stream"`
}

func (a admin) stageBackup(_ context.Context, in *stageInput) (*none, error) {
	return done(a.s.Backups().Stage(in.At, in.RawBody))
}

func (a admin) discardBackup(context.Context, *none) (*none, error) {
	return done(a.s.Backups().Discard())
}

type passphrase struct {
	Passphrase string `json:"passphrase" maxLength:"1024"`
}

func (a admin) previewBackup(_ context.Context, in *body[passphrase]) (*body[control.BackupPreview], error) {
	return answer(a.s.Backups().Preview(in.Body.Passphrase))
}

func (a admin) restoreBackup(ctx context.Context, in *body[passphrase]) (*none, error) {
	return done(a.s.Backups().Restore(ctx, in.Body.Passphrase))
}

type lastRestore struct {
	// Kept is missing where nothing was restored, or it was undone.
	Kept *control.KeptState `json:"kept,omitempty"`
}

func (a admin) lastRestore(context.Context, *none) (*body[lastRestore], error) {
	return answer(lastRestore{a.s.Backups().Kept()}, nil)
}

func (a admin) forgetRestore(context.Context, *none) (*none, error) {
	return done(a.s.Backups().Forget())
}

func (a admin) undoRestore(ctx context.Context, _ *none) (*none, error) {
	return done(a.s.Backups().Undo(ctx))
}
