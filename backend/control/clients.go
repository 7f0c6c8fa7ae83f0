package control

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/connect"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// Client is a program that can be pointed at this one.
type Client struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// State is unknown where the client is on another machine.
	State string `json:"state" enum:"notFound,original,configured,changed,conflict,unknown"`
	// Problem says why there is a conflict; "" is none.
	Problem string `json:"problem"`
	// Files are where its settings are, or would be; none where no file can be
	// changed safely, and the steps tell how it is done by hand.
	Files []string `json:"files"`
	// Applied is when it was pointed here from this program, First when its first
	// request since then came; nil is not, or not yet.
	Applied *time.Time `json:"applied,omitempty"`
	First   *time.Time `json:"first,omitempty"`
	// Model and KeyID are what it was pointed at; "" and 0 are nothing.
	Model string `json:"model"`
	KeyID int64  `json:"keyId"`
	// Outdated says that the address has changed since.
	Outdated bool            `json:"outdated"`
	Steps    []provider.Text `json:"steps"`
	Caution  *provider.Text  `json:"caution,omitempty"`
	// Source is where the facts about it come from, as of the day Checked.
	Source  string `json:"source"`
	Checked string `json:"checked"`
}

// ClientList are the clients, as seen from where the person is.
type ClientList struct {
	Clients []Client `json:"clients"`
	// Here says that the person sits at the machine whose files can be changed.
	Here bool `json:"here"`
	// BaseURL is what clients are pointed at; Reachable is false where the person
	// sits at another machine, and the port answers this one alone.
	BaseURL   string `json:"baseUrl"`
	Reachable bool   `json:"reachable"`
}

// ClientChoice is what a client is to be pointed at.
type ClientChoice struct {
	Model string `json:"model" maxLength:"400"`
	// KeyID is the API key that it gets; 0 is one of its own, which is made when
	// there is none yet.
	KeyID int64 `json:"keyId" minimum:"0"`
}

// ClientApply is a choice whose preview was seen.
type ClientApply struct {
	ClientChoice

	// Digests are those of the preview, in its order.
	Digests []string `json:"digests"`
}

// ClientPreview is what would become of a client's files, and what can be
// copied instead. The key in it is shown as Mark.
type ClientPreview struct {
	Changes  []ClientChange  `json:"changes"`
	Snippets []ClientSnippet `json:"snippets"`
	BaseURL  string          `json:"baseUrl"`
	// KeyID is the key that Mark stands for; 0 is one that is not made yet.
	KeyID int64  `json:"keyId"`
	Mark  string `json:"mark"`
}

// ClientChange is what would become of one file.
type ClientChange struct {
	Path string `json:"path"`
	// Exists says that there is a file now, whose content Digest names.
	Exists bool   `json:"exists"`
	Digest string `json:"digest"`
	// Lines are the difference, with secrets masked.
	Lines []ClientLine `json:"lines"`
	// Problem says why the file cannot be changed; "" is nothing.
	Problem string `json:"problem"`
	// Snippet is what the file would hold if it held nothing else.
	Snippet string `json:"snippet"`
}

// ClientLine is a line of a difference: one that stays, is new, or goes; and a
// gap, where lines are left out.
type ClientLine struct {
	Kind string `json:"kind" enum:"same,new,gone,gap"`
	Text string `json:"text"`
}

// ClientSnippet is text to copy.
type ClientSnippet struct {
	Kind string `json:"kind" enum:"bash,powershell,command"`
	Text string `json:"text"`
}

// Seat is where the person sits who asks about clients.
type Seat struct {
	// Local says that the question came from this machine.
	Local bool
	// Host is the name by which the pages were reached; "" is none.
	Host string
}

// here says that the files of this machine are the person's.
func (s *Panel) here(at Seat) bool { return at.Local && s.o.Clients != nil }

// clientsURL is the address for clients, and whether it can be reached from
// where the person sits.
func (s *Panel) clientsURL(at Seat) (base string, reachable bool) {
	if s.o.Socket == nil { // beside a running program
		return s.o.Config.Snapshot().BaseURL(), true
	}
	l := s.o.Socket.State()
	host, port, err := net.SplitHostPort(l.Address)
	if at.Local || err != nil {
		return l.BaseURL, true
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return l.BaseURL, false
	}
	name := cmp.Or(at.Host, host)
	return (&url.URL{Scheme: "http", Host: net.JoinHostPort(name, port), Path: "/v1"}).String(), true
}

// Clients are the programs that can be pointed here, with their state. It looks
// at their usual places alone, and at none where the person sits elsewhere.
func (s *Panel) Clients(ctx context.Context, at Seat) ClientList {
	out := ClientList{Clients: []Client{}, Here: s.here(at)}
	out.BaseURL, out.Reachable = s.clientsURL(at)
	if out.Here {
		s.noteFirst(ctx)
	}
	for _, c := range connect.All() {
		out.Clients = append(out.Clients, s.client(&c, at))
	}
	return out
}

func (s *Panel) client(c *connect.Client, at Seat) Client {
	out := Client{
		ID: c.ID, Title: c.Title, State: "unknown", Files: []string{}, Steps: []provider.Text{}, Source: c.Source, Checked: c.Checked,
	}
	for _, step := range c.Steps {
		out.Steps = append(out.Steps, provider.Text(step))
	}
	if c.Caution != nil {
		caution := provider.Text(*c.Caution)
		out.Caution = &caution
	}
	if !s.here(at) {
		return out
	}
	t, _ := s.target(c, at, ClientChoice{Model: "model"})
	st := s.o.Clients.Status(c, t)
	if st.KeyID > 0 && !st.Applied.IsZero() {
		t.Key = s.keyText(st.KeyID)
		st = s.o.Clients.Status(c, t)
	}
	out.State, out.Problem, out.Files = string(st.State), st.Problem, st.Files
	out.Applied, out.First, out.Model, out.KeyID = timeOrNil(st.Applied), timeOrNil(st.First), st.Model, st.KeyID
	out.Outdated = !st.Applied.IsZero() && st.BaseURL != t.BaseURL
	return out
}

func (s *Panel) keyText(id int64) string {
	for _, k := range s.o.Config.Snapshot().Keys {
		if k.ID == id {
			return s.secret(k)
		}
	}
	return ""
}

// newKeyText stands for a key that is not made yet, where a text is needed.
const newKeyText = "sk-newkey0newkey0newkey0"

// target is what a choice means, and the key in it; 0 is one that is to be made.
func (s *Panel) target(c *connect.Client, at Seat, choice ClientChoice) (t connect.Target, keyID int64) {
	t = connect.Target{Key: newKeyText, Model: choice.Model}
	t.BaseURL, _ = s.clientsURL(at)
	for _, m := range s.o.Table().Models() {
		if m.ID == choice.Model {
			t.ContextTokens, t.OutputTokens = m.Model.ContextTokens, m.Model.OutputTokens
		}
	}
	for _, k := range s.o.Config.Snapshot().Keys {
		if k.ID != choice.KeyID && (choice.KeyID != 0 || k.Name != c.Title || k.Disabled) {
			continue
		}
		if text := s.secret(k); text != "" {
			t.Key, keyID = text, k.ID
		}
	}
	return t, keyID
}

// noteFirst writes down which of the clients that were changed have asked since.
func (s *Panel) noteFirst(ctx context.Context) {
	waiting := s.o.Clients.Waiting()
	if len(waiting) == 0 || s.o.Log == nil {
		return
	}
	const newest = 500
	rows := s.o.Running()
	if page, err := s.o.Log.List(ctx, requestlog.Query{Limit: newest}); err == nil {
		rows = append(slices.Clone(page.Exchanges), rows...)
	}
	for id, applied := range waiting {
		c, _ := connect.Find(id)
		var first time.Time
		for i := range rows {
			x := &rows[i]
			if x.Start.Before(applied) || x.Key != c.Title && !slices.Contains(c.Names, x.Client) {
				continue
			}
			if first.IsZero() || x.Start.Before(first) {
				first = x.Start
			}
		}
		if !first.IsZero() {
			_ = s.o.Clients.Came(id, first) // it is looked for again at the next question
		}
	}
}

func findClient(id string) (*connect.Client, error) {
	c, ok := connect.Find(id)
	if !ok {
		return nil, &llm.Error{Kind: llm.KindNotFound, Message: "there is no client '" + id + "'"}
	}
	return &c, nil
}

// PreviewClient says what pointing a client here would change. It changes
// nothing and makes no key.
func (s *Panel) PreviewClient(id string, at Seat, choice ClientChoice) (ClientPreview, error) {
	c, err := findClient(id)
	if err != nil {
		return ClientPreview{}, err
	}
	t, keyID := s.target(c, at, choice)
	if choice.KeyID != 0 && keyID == 0 {
		return ClientPreview{}, noKey()
	}
	out := ClientPreview{KeyID: keyID, Mark: account.Masked(t.Key), BaseURL: t.BaseURL, Snippets: []ClientSnippet{}, Changes: []ClientChange{}}
	if keyID == 0 {
		out.Mark = account.Masked("")
	}
	for _, snippet := range connect.Snippets(c, t, out.Mark) {
		out.Snippets = append(out.Snippets, ClientSnippet(snippet))
	}
	if s.here(at) {
		out.Changes = shownChanges(s.o.Clients.Preview(c, t, out.Mark))
		return out, nil
	}
	for _, change := range connect.Files(c, t, out.Mark) {
		out.Changes = append(out.Changes, ClientChange{Path: change.Path, Lines: []ClientLine{}, Snippet: change.Snippet})
	}
	return out, nil
}

func shownChanges(changes []connect.Change) []ClientChange {
	kinds := map[string]string{" ": "same", "+": "new", "-": "gone", "@": "gap"}
	out := []ClientChange{}
	for _, c := range changes {
		lines := []ClientLine{}
		for _, l := range c.Lines {
			lines = append(lines, ClientLine{Kind: kinds[l.Op], Text: l.Text})
		}
		out = append(out, ClientChange{Path: c.Path, Exists: c.Exists, Digest: c.Digest, Lines: lines, Problem: c.Problem, Snippet: c.Snippet})
	}
	return out
}

// ApplyClient points a client here. What stood in its files is kept.
func (s *Panel) ApplyClient(id string, at Seat, choice ClientApply) (Client, error) {
	c, err := findClient(id)
	if err != nil {
		return Client{}, err
	}
	if !s.here(at) {
		return Client{}, elsewhere()
	}
	if choice.Model == "" {
		return Client{}, wrong("model", "choose a model")
	}
	t, keyID := s.target(c, at, choice.ClientChoice)
	made := false
	if keyID == 0 {
		if choice.KeyID != 0 {
			return Client{}, noKey()
		}
		k, text, err := s.NewKey(KeyPatch{Name: &c.Title})
		if err != nil {
			return Client{}, err
		}
		t.Key, keyID, made = text, k.ID, true
	}
	if err := s.o.Clients.Apply(c, t, keyID, choice.Digests); err != nil {
		if made {
			_ = s.DeleteKey(keyID) // nobody has seen it
		}
		return Client{}, clientError(err)
	}
	s.o.Events.Publish(event.Event{Kind: event.Config})
	return s.client(c, at), nil
}

// PreviewUndo says what restoring a client's files would change.
func (s *Panel) PreviewUndo(id string, at Seat) (ClientPreview, error) {
	if _, err := findClient(id); err != nil {
		return ClientPreview{}, err
	}
	if !s.here(at) {
		return ClientPreview{}, elsewhere()
	}
	changes, err := s.o.Clients.PreviewUndo(id)
	if err != nil {
		return ClientPreview{}, clientError(err)
	}
	return ClientPreview{Changes: shownChanges(changes), Snippets: []ClientSnippet{}}, nil
}

// UndoClient restores a client's files byte for byte. A file that was changed
// since is only restored where its digest is among those that were seen. An API
// key that the client got stays.
func (s *Panel) UndoClient(id string, at Seat, seen []string) (Client, error) {
	c, err := findClient(id)
	if err != nil {
		return Client{}, err
	}
	if !s.here(at) {
		return Client{}, elsewhere()
	}
	if err := s.o.Clients.Undo(id, seen); err != nil {
		return Client{}, clientError(err)
	}
	s.o.Events.Publish(event.Event{Kind: event.Config})
	return s.client(c, at), nil
}

func elsewhere() *llm.Error {
	return &llm.Error{
		Kind:    llm.KindUnsupported,
		Message: "the client's files are on another machine than this program: copy the snippet there",
	}
}

// clientError gives an error of a client's file the status that it has.
func clientError(err error) error {
	ce, ok := errors.AsType[*connect.Error](err)
	switch {
	case !ok:
		return err
	case ce.Changed:
		return &llm.Error{Kind: llm.KindUnsupported, Message: ce.Error()}
	}
	return &llm.Error{Kind: llm.KindBadRequest, Message: ce.Error()}
}
