package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/zalando/go-keyring"
)

var (
	errNoKeyring   = errors.New("this system has no keyring that answers")
	errKeyLost     = errors.New("the keyring no longer has the key to the stored secrets: restore the keyring, or enter the secrets again")
	errKeyDamaged  = errors.New("a stored secret cannot be decrypted: enter it again")
	errUnreachable = errors.New("the stored secrets are encrypted with a key in the system's keyring, which does not answer: " +
		"start or unlock the keyring; then they can be read again, and none is lost until then")
)

// open gives the secret of an entry.
func (c *Credentials) open(name string, e entry) (Secret, error) {
	if len(e.Sealed) == 0 {
		return NewSecret(e.Plain), nil
	}
	box, err := c.keys.box(e.Key)
	if err != nil {
		return Secret{}, err
	}
	size := box.NonceSize()
	if len(e.Sealed) < size {
		return Secret{}, errKeyDamaged
	}
	text, err := box.Open(nil, e.Sealed[:size], e.Sealed[size:], []byte(name))
	if err != nil {
		return Secret{}, errKeyDamaged
	}
	return NewSecret(string(text)), nil
}

// seal makes the entry of a secret: encrypted where there is a keyring. The
// secrets that are still plain are encrypted with it.
func (c *Credentials) seal(f *credentialFile, name string, s Secret) (entry, error) {
	if c.keys.off {
		return entry{Plain: s.Reveal()}, nil
	}
	box, err := c.keys.current(f)
	switch {
	case errors.Is(err, errNoKeyring) && !f.sealed():
		return entry{Plain: s.Reveal()}, nil
	case errors.Is(err, errNoKeyring):
		return entry{}, errUnreachable
	case err != nil:
		return entry{}, err
	}
	for other, e := range f.Secrets {
		if len(e.Sealed) == 0 {
			f.Secrets[other] = sealed(box, f.Keyring, other, e.Plain).over(e)
		}
	}
	return sealed(box, f.Keyring, name, s.Reveal()), nil
}

// sealed encrypts text. It is bound to its name, so that nobody can give one
// account another's secret by moving it in the file.
func sealed(box cipher.AEAD, key, name, text string) entry {
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // it never fails
	return entry{Sealed: box.Seal(nonce, nonce, []byte(text), []byte(name)), Key: key}
}

func (f *credentialFile) sealed() bool {
	for _, e := range f.Secrets {
		if len(e.Sealed) > 0 {
			return true
		}
	}
	return false
}

// dataKeys are the keys that the keyring keeps, as far as they are known. Its
// methods are called under the lock of Credentials.
type dataKeys struct {
	off  bool
	wait time.Duration
	late func()
	// boxes are the keys that were read.
	boxes map[string]cipher.AEAD
	// running are questions that the keyring has not answered yet.
	running map[string]question
	// fresh is a new key that is on its way to the keyring.
	fresh dataKey
	// failed and when are the last failure to reach the keyring at all.
	failed error
	when   time.Time
}

// question is one that was put at a time.
type question struct {
	put   time.Time
	reply chan answer
}

// answer is what the keyring said.
type answer struct {
	text string
	err  error
}

const (
	keyringService = "OpenAICompatible"
	// keyringPause is how long a keyring that failed is not asked again.
	keyringPause = 5 * time.Second
)

func newDataKeys(o CredentialOptions) *dataKeys {
	wait := o.KeyringWait
	if wait == 0 {
		wait = 2 * time.Second
	}
	return &dataKeys{off: o.NoKeyring, wait: wait, boxes: map[string]cipher.AEAD{}, running: map[string]question{}, late: o.Late}
}

// current is the key of new secrets. A file without one, or with one that the
// keyring has lost, gets a new one; older secrets keep the name of theirs.
func (k *dataKeys) current(f *credentialFile) (cipher.AEAD, error) {
	if f.Keyring != "" {
		box, err := k.box(f.Keyring)
		if err == nil || !errors.Is(err, errKeyLost) {
			return box, reachable(err)
		}
	}
	if k.fresh == (dataKey{}) {
		k.fresh = newDataKey()
	}
	made := k.fresh
	if _, err := k.ask("set "+made.name, func() (string, error) {
		return "", keyring.Set(keyringService, made.item(), made.text)
	}); err != nil {
		return nil, errNoKeyring
	}
	box, err := newBox(made.text)
	if err != nil {
		return nil, err
	}
	f.Keyring, k.boxes[made.name], k.fresh = made.name, box, dataKey{}
	return box, nil
}

// dataKey is a key as the keyring keeps it.
type dataKey struct{ name, text string }

func newDataKey() dataKey {
	var random [8 + 32]byte
	_, _ = rand.Read(random[:]) // it never fails
	return dataKey{
		name: base64.RawURLEncoding.EncodeToString(random[:8]),
		text: base64.StdEncoding.EncodeToString(random[8:]),
	}
}

// item is the name of the entry in the keyring.
func (k dataKey) item() string { return "data-key-" + k.name }

// reachable turns the words for who reads a secret into the fact for who
// writes one.
func reachable(err error) error {
	if errors.Is(err, errUnreachable) {
		return errNoKeyring
	}
	return err
}

// box is the key of that name.
func (k *dataKeys) box(name string) (cipher.AEAD, error) {
	if box, ok := k.boxes[name]; ok {
		return box, nil
	}
	text, err := k.ask("get "+name, func() (string, error) {
		return keyring.Get(keyringService, dataKey{name: name}.item())
	})
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return nil, errKeyLost
	case err != nil:
		return nil, fmt.Errorf("%w (%w)", errUnreachable, err)
	}
	box, err := newBox(text)
	if err != nil {
		return nil, errKeyLost
	}
	k.boxes[name] = box
	return box, nil
}

func newBox(text string) (cipher.AEAD, error) {
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// available says whether the keyring answers at all; nil is yes.
func (k *dataKeys) available() error {
	_, err := k.ask("get", func() (string, error) { return keyring.Get(keyringService, "data-key") })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

// ask puts a question to the keyring and waits for a bounded time. A question
// that is still open is not put again, nor waited for anew: its answer is taken
// when it has come, as after the user has typed the keyring's password. The
// library can neither be cancelled nor told how long it may take, so that a
// question outlives the wait; it ends with its answer.
func (k *dataKeys) ask(about string, call func() (string, error)) (string, error) {
	if k.off {
		return "", errNoKeyring
	}
	q, open := k.running[about]
	if !open {
		if k.failed != nil && time.Since(k.when) < keyringPause {
			return "", k.failed
		}
		if err := reachableBus(); err != nil {
			return "", err
		}
		q = k.put(call)
		k.running[about] = q
	}
	limit := time.NewTimer(time.Until(q.put.Add(k.wait)))
	defer limit.Stop()
	select {
	case a := <-q.reply:
		return k.take(about, a)
	case <-limit.C:
	}
	select {
	case a := <-q.reply: // of a question put long ago
		return k.take(about, a)
	default:
		return "", errNoKeyring
	}
}

// put starts a question.
func (k *dataKeys) put(call func() (string, error)) question {
	q := question{put: time.Now(), reply: make(chan answer, 1)}
	wait, late := k.wait, k.late
	go func() {
		text, err := call()
		q.reply <- answer{text, err}
		if late != nil && time.Since(q.put) > wait {
			late()
		}
	}()
	return q
}

// take ends a question with its answer.
func (k *dataKeys) take(about string, a answer) (string, error) {
	delete(k.running, about)
	k.failed = nil
	if a.err != nil && !errors.Is(a.err, keyring.ErrNotFound) {
		k.failed, k.when = fmt.Errorf("%w: %w", errNoKeyring, a.err), time.Now()
		return "", k.failed
	}
	return a.text, a.err
}

// reachableBus spares Linux without a session the library's search for a bus,
// which ends in starting one.
func reachableBus() error {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return nil
	}
	for _, folder := range []string{os.Getenv("XDG_RUNTIME_DIR"), filepath.Join("/run/user", strconv.Itoa(os.Getuid()))} {
		if _, err := os.Stat(filepath.Join(folder, "bus")); folder != "" && err == nil { //nolint:gosec // the user's own session
			return nil
		}
	}
	return errNoKeyring
}
