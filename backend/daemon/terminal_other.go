//go:build !linux && !darwin && !windows

package daemon

import (
	"errors"
	"os"
)

func isTerminal(*os.File) bool { return false }

func hideTyping(*os.File) (restore func(), err error) { return nil, errors.ErrUnsupported }
