package foreign

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// What Gemini CLI and Qwen Code call their files, and what this program calls
// the ways that they belong to.
const (
	geminiFile   = "oauth_creds.json"
	qwenFile     = "oauth_creds.json"
	accountsFile = "google_accounts.json"

	kindSetting = "kind"
	// projectID is what the other programs call what is projectSetting here.
	projectID      = "project_id"
	projectSetting = "projectId"
)

// sections are the lists of the original program's file.
func sections() []string { return []string{"codegeex", "qwen", "qwen_code", "gemini_cli"} }

// original says that o is a configuration: the original's, or this program's.
func (o object) original() bool {
	return slices.ContainsFunc(append(sections(), "accounts"), o.has)
}

// original reads the sections, and accounts of this program whose keys stand in
// the file.
func (s *Source) original(text []byte) error {
	accounts, warnings, err := config.ReadAccounts(text)
	if err != nil {
		return err
	}
	s.Notes = append(s.Notes, warnings...)
	for i, a := range accounts {
		f := Find{
			Key: a.Name, Format: Original, Provider: a.Provider, Way: a.Settings[kindSetting], Name: a.Name,
			Identity: a.Identity, Prefix: a.Prefix, Settings: maps.Clone(a.Settings), Secret: func() string { return a.Key },
			Origin: a.Print(),
		}
		if project, ok := f.Settings[projectID]; ok && a.Original() {
			delete(f.Settings, projectID)
			set(f.Settings, projectSetting, project)
		}
		if !a.Original() {
			f.Key, f.Origin = "accounts["+strconv.Itoa(i)+"]", ""
			if a.Key == "" {
				f.Problem = "its secret is not in the file: sign in, or enter the key again"
			}
		}
		s.Finds = append(s.Finds, f)
	}
	return nil
}

// isToken says that o is a sign-in by itself.
func (o object) isToken() bool {
	return o.text("access_token") != "" || o.text("refresh_token") != "" || len(o.object("token")) > 0
}

// token reads a credential file of Gemini CLI, of Qwen Code, or of the
// original's sign-in commands.
func (s *Source) token(o object, name, path string) {
	inner := o
	if t := o.object("token"); len(t) > 0 {
		inner = t
	}
	f := Find{Key: "token", Settings: map[string]string{}, Secret: o.compact, Identity: cmp.Or(o.text("email"), emailOf(inner.text("id_token")))}
	switch whose(inner, name, path) {
	case "gemini":
		s.Format = GeminiCLI
		f.Provider, f.Way, f.Name = "gemini", "cli", "Gemini CLI"
		f.Identity = cmp.Or(f.Identity, activeAccount(path))
		set(f.Settings, projectSetting, o.text(projectID))
	case "qwen":
		s.Format = QwenCode
		f.Provider, f.Way, f.Name = "qwen", "code", "Qwen Code"
	default:
		s.Format = Mixed
		f.Name, f.Problem = label(name), "it does not say whether it is Google's or Qwen's: use the file where its program keeps it"
	}
	f.Format = s.Format
	s.Finds = append(s.Finds, f)
}

// whose tells the two by what only one of them writes; the folder decides the
// rest.
func whose(o object, name, path string) string {
	switch {
	case o.has("resource_url"):
		return "qwen"
	case strings.Contains(o.text("scope"), "googleapis.com"), o.has("id_token"),
		strings.HasPrefix(o.text("access_token"), "ya29."), strings.HasPrefix(o.text("refresh_token"), "1//"),
		strings.Contains(o.text("token_uri"), "googleapis.com"):
		return "gemini"
	}
	folder := filepath.Base(filepath.Dir(path))
	switch {
	case folder == ".qwen" || strings.Contains(strings.ToLower(name), "qwen"):
		return "qwen"
	case folder == ".gemini" || strings.Contains(strings.ToLower(name), "gemini"):
		return "gemini"
	}
	return ""
}

// activeAccount is the e-mail address that Gemini CLI keeps in a file beside
// the token; "" is unknown.
func activeAccount(path string) string {
	if path == "" {
		return ""
	}
	text, err := readFile(filepath.Join(filepath.Dir(path), accountsFile))
	if err != nil {
		return ""
	}
	o, err := readObject(text)
	if err != nil {
		return ""
	}
	return o.text("active")
}

// proxied reads a file of CLIProxyAPI.
func (s *Source) proxied(o object) {
	kind := o.text("type")
	f := Find{
		Key: "token", Format: CLIProxyAPI, Identity: o.text("email"), Settings: map[string]string{}, Secret: o.compact,
	}
	switch {
	case kind == "gemini" && o.isToken():
		f.Provider, f.Way, f.Name = "gemini", "cli", "Gemini CLI"
		s.projects(o, f)
		return
	case kind == "qwen" && o.isToken():
		f.Provider, f.Way, f.Name = "qwen", "code", "Qwen Code"
	case kind == "gemini", kind == "qwen":
		f.Name, f.Problem = kind, "the file has no token: sign in again instead"
	case kind == "service_account", kind == "vertex":
		f.Name, f.Problem = "Vertex AI", "a service account is not imported: add an account at Gemini by the way Vertex AI and give it the file"
	default:
		f.Name, f.Problem = clip(kind), "sign-ins of "+clip(kind)+" are made for its own program and are not used here: add an account with an API key instead"
	}
	s.Finds = append(s.Finds, f)
}

// projects makes a find of each project that a file names.
func (s *Source) projects(o object, f Find) {
	names := strings.FieldsFunc(o.text(projectID), func(r rune) bool { return r == ',' || r == ' ' })
	if len(names) == 0 {
		names = []string{""}
	}
	for _, project := range names {
		one := f
		one.Settings = map[string]string{}
		set(one.Settings, projectSetting, project)
		if len(names) > 1 {
			one.Key, one.Name = f.Key+" "+project, f.Name+" "+project
		}
		s.Finds = append(s.Finds, one)
	}
}

func set(settings map[string]string, key, value string) {
	if value != "" {
		settings[key] = value
	}
}

// clip keeps a type that is none out of sentences.
func clip(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
