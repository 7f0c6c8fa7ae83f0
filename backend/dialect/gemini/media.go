package gemini

import (
	"path"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// media writes a part that is not text.
func (e *encoder) media(message int, p llm.Part) {
	field := at(message) + ".content"
	switch p := p.(type) {
	case llm.Image:
		e.image(message, p)
	case llm.Audio:
		e.extra(message, p.Extra)
		e.inline(field, audioType(p.Format), p.Data)
	case llm.File:
		e.file(message, p)
	case llm.Opaque:
		if p.Minter == minter {
			e.Comma()
			e.Out = append(e.Out, p.Value...)
			return
		}
		kind := rawjson.Text(rawjson.Get(p.Value, "type"))
		if kind == "image_url" {
			e.refuse(llm.KindBadRequest, field, field+" has a picture whose address cannot be read; send https, or data:image/png;base64,…")
			return
		}
		e.refuse(llm.KindUnsupported, field, field+" has a part of the type "+kind+", which cannot be translated for Gemini")
	case llm.Text, llm.Refusal, llm.Thought, llm.ToolCall, llm.ToolResult:
	}
}

func (e *encoder) extra(message int, list []llm.Field) {
	for _, f := range list {
		e.warn(at(message)+".content."+f.Name, "dropped")
	}
}

// inlineOpen writes data; the object stays open.
func (e *encoder) inlineOpen(field, mime, data string) {
	if mime == "" || data == "" {
		e.refuse(llm.KindBadRequest, field, field+" has data without a media type, or none at all")
	}
	e.Comma()
	e.Out = append(e.Out, `{"inlineData":{`...)
	e.Text("mimeType", mime)
	e.Text("data", data)
	e.Out = append(e.Out, '}')
}

func (e *encoder) inline(field, mime, data string) {
	e.inlineOpen(field, mime, data)
	e.Out = append(e.Out, '}')
}

func (e *encoder) image(message int, p llm.Image) {
	field := at(message) + ".content"
	e.extra(message, p.Extra)
	if p.URL != "" {
		if !googleFile(p.URL) {
			e.refuse(llm.KindBadRequest, field, field+" has a picture by its address, which Gemini does not fetch; send it inline")
			return
		}
		e.fileData(p.MIME, p.URL)
		return
	}
	e.inlineOpen(field, p.MIME, p.Data)
	if p.Detail == "low" || p.Detail == "high" {
		if e.family.three() && e.Envelope == nil {
			e.open("mediaResolution", '{')
			e.Text("level", "MEDIA_RESOLUTION_"+strings.ToUpper(p.Detail))
			e.Out = append(e.Out, '}')
		} else {
			e.warn(field+".image_url.detail", "dropped")
		}
	}
	e.Out = append(e.Out, '}')
}

// googleFile says whether an address is one that Google reads by itself.
func googleFile(address string) bool {
	return strings.HasPrefix(address, "gs://") || strings.HasPrefix(address, "https://generativelanguage.googleapis.com/")
}

func (e *encoder) fileData(mime, uri string) {
	e.Comma()
	e.Out = append(e.Out, `{"fileData":{`...)
	if mime != "" {
		e.Text("mimeType", mime)
	}
	e.Text("fileUri", uri)
	e.Out = append(e.Out, '}', '}')
}

func (e *encoder) file(message int, f llm.File) {
	field := at(message) + ".content"
	e.extra(message, f.Extra)
	mime := f.MIME
	if mime == "" {
		mime = typeOfName(f.Name)
	}
	switch {
	case f.Data != "":
		if mime == "" {
			e.refuse(llm.KindBadRequest, field, field+".file has no media type; name the file, or send data:application/pdf;base64,…")
			return
		}
		e.inline(field, mime, f.Data)
	case strings.Contains(f.ID, "://"):
		e.fileData(mime, f.ID)
	case f.ID == "":
		e.refuse(llm.KindBadRequest, field, field+".file holds neither file_data nor file_id")
	default:
		e.refuse(llm.KindBadRequest, field, field+".file.file_id is no address that Gemini can read; send file_data, or the URI of an upload")
	}
}

// audioType is the media type of OpenAI's names of formats.
func audioType(format string) string {
	switch format {
	case "mp3":
		return "audio/mpeg"
	case "pcm16":
		return "audio/pcm"
	case "":
		return ""
	default:
		if strings.Contains(format, "/") {
			return format
		}
		return "audio/" + format
	}
}

// typeOfName is the media type of a file that Gemini reads, by its name. It is
// a list of its own, since the system's differs from machine to machine.
func typeOfName(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".pdf":
		return "application/pdf"
	case ".txt", ".log", ".ini", ".go", ".rs", ".ts", ".c", ".h", ".java", ".sh", ".yaml", ".yml", ".toml":
		return "text/plain"
	case ".md":
		return "text/markdown"
	case ".html", ".htm":
		return "text/html"
	case ".css":
		return "text/css"
	case ".csv":
		return "text/csv"
	case ".xml":
		return "text/xml"
	case ".rtf":
		return "text/rtf"
	case ".js":
		return "text/javascript"
	case ".py":
		return "text/x-python"
	case ".json":
		return "application/json"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".webp":
		return "image/webp"
	case ".heic":
		return "image/heic"
	case ".gif":
		return "image/gif"
	case ".wav":
		return "audio/wav"
	case ".mp3":
		return "audio/mpeg"
	case ".ogg":
		return "audio/ogg"
	case ".flac":
		return "audio/flac"
	case ".mp4":
		return "video/mp4"
	case ".mov":
		return "video/quicktime"
	case ".webm":
		return "video/webm"
	default:
		return ""
	}
}
