package network

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// roots are whom a transport trusts.
type roots struct {
	// pool is nil for the system's authorities alone.
	pool *x509.CertPool
	// err says why a file cannot be used, and names it.
	err error
	// files are those that were read, as they were then.
	files []file
}

// file is one of authorities.
type file struct {
	path      string
	size      int64
	changedAt time.Time
}

// readRoots reads the files of authorities.
func readRoots(paths []string) (r roots) {
	var own []*x509.Certificate
	for _, path := range paths {
		if path == "" {
			continue
		}
		r.files = append(r.files, look(path))
		found, err := CheckCAFile(path)
		if err != nil {
			r.err = err
			continue
		}
		own = append(own, found...)
	}
	if len(own) == 0 || r.err != nil {
		return r
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // A system without authorities has those of the files.
	}
	for _, c := range own {
		pool.AddCert(c)
	}
	r.pool = pool
	return r
}

// look is the file at path as it is now; one that is not there has no size.
func look(path string) file {
	f := file{path: path}
	if info, err := os.Stat(path); err == nil {
		f.size, f.changedAt = info.Size(), info.ModTime()
	}
	return f
}

// changed says that a file is another one than was read. One that is gone has
// been read, and is as good as before.
func (r roots) changed() bool {
	for _, was := range r.files {
		if now := look(was.path); now.size != 0 && (now.size != was.size || !now.changedAt.Equal(was.changedAt)) {
			return true
		}
	}
	return false
}

// CheckCAFile reads a file of certificates, in PEM or DER. The error is an
// *llm.Error that names the file and says what is wrong with it.
func CheckCAFile(path string) ([]*x509.Certificate, error) {
	const most = 4 << 20
	wrong := func(what string, cause error) error {
		return &llm.Error{Kind: llm.KindNetwork, Code: CodeCAFile, Message: "the CA file " + path + " " + what, Cause: cause}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, wrong("is not there", err)
	case err != nil:
		return nil, wrong("cannot be read: "+bare(err), err)
	case info.IsDir():
		return nil, wrong("is a folder: choose the file of the certificate", nil)
	case info.Size() > most:
		return nil, wrong("is too big for one of certificates", nil)
	}
	raw, err := os.ReadFile(path) //nolint:gosec // The user chose it, and it is read for certificates alone.
	if err != nil {
		return nil, wrong("cannot be read: "+bare(err), err)
	}
	if all, err := x509.ParseCertificates(raw); err == nil && len(all) > 0 {
		return all, nil
	}
	all, kinds, err := parsePEM(raw)
	switch {
	case err != nil:
		return nil, wrong("has a certificate that cannot be read: "+err.Error(), err)
	case len(all) > 0:
		return all, nil
	case strings.Contains(kinds, "PRIVATE KEY"):
		return nil, wrong("has a private key and no certificate: choose the certificate of the authority", nil)
	case kinds != "":
		return nil, wrong("has no certificate but "+kinds, nil)
	default:
		return nil, wrong("has no certificate: it must be in PEM (-----BEGIN CERTIFICATE-----) or DER", nil)
	}
}

// parsePEM gives the certificates in raw, and the kinds of what else is in it.
func parsePEM(raw []byte) (all []*x509.Certificate, kinds string, err error) {
	var others []string
	for {
		var block *pem.Block
		if block, raw = pem.Decode(raw); block == nil {
			return all, strings.Join(others, ", "), err
		}
		if block.Type != "CERTIFICATE" && block.Type != "TRUSTED CERTIFICATE" {
			others = append(others, block.Type)
			continue
		}
		c, failed := x509.ParseCertificate(block.Bytes)
		if failed != nil {
			err = failed
			continue
		}
		all = append(all, c)
	}
}

// bare is an error of a file without its path, which is named already.
func bare(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}
