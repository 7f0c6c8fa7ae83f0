package control

import (
	"context"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// LogSize is how much the request log is.
type LogSize struct {
	// Bytes is what it takes of the disk.
	Bytes     int64 `json:"bytes"`
	Exchanges int64 `json:"exchanges"`
}

// LogSize says how much the request log is now.
func (s *Panel) LogSize(ctx context.Context) (LogSize, error) {
	bytes, err := s.o.Log.Size(ctx)
	if err != nil {
		return LogSize{}, err
	}
	page, err := s.o.Log.List(ctx, requestlog.Query{Limit: 1})
	return LogSize{Bytes: bytes, Exchanges: max(page.Total, 0)}, err
}
