package e2e_test

import "maps"

// target is one way to an answer: the demo, or the stand-in through a lane. The
// models of its scenarios differ, what the client must see does not.
type target struct {
	name string
	// lane is what the log row must say.
	lane string
	// chat, tools and the rest are model names, with the prefix.
	chat, tools, hang string
	// text is part of what the chat model says.
	text string
	// parallelAsk makes the tools model call two tools at once.
	parallelAsk string
	// errors is the prefix of the models that answer an error status.
	errors string
	// image is what is said of a picture.
	image string
	// embed is a model that makes vectors; "" is none.
	embed string
}

func targets() []target {
	standIn := func(prefix, lane string) target {
		return target{
			name: prefix, lane: lane, chat: prefix + "/usage", tools: prefix + "/anything", hang: prefix + "/hang",
			text: "Hello", parallelAsk: "get_weather PAR", errors: prefix + "/error-", image: "I see 1 image",
		}
	}
	return []target{
		{
			name: "demo", lane: "carried", chat: "demo/fast", tools: "demo/fast", hang: "demo/slow",
			text: "This is the demo model.", parallelAsk: "Call get_weather for Berlin and Tokyo in parallel", errors: "demo/error-",
			image: "I see an image (image/png, ",
		},
		standIn("plain", "carried"),
		standIn("translated", "translated"),
	}
}

// separateErrors gives each status an account of its own, for who asks for one
// after another: an account whose credential was refused rests, and would answer
// the next one with its own refusal.
func separateErrors(config map[string]any) {
	accounts, _ := config["accounts"].([]any)
	var aliases []any
	for _, one := range accounts {
		for i, status := range []string{"401", "404", "429", "500", "503"} {
			a := maps.Clone(one.(map[string]any))
			name, _ := a["name"].(string)
			a["id"], a["name"], a["prefix"] = a["id"].(int)*10+i, name+" "+status, name+status
			config["accounts"] = append(config["accounts"].([]any), a)
			aliases = append(aliases, map[string]any{"name": name + "-error-" + status, "models": []string{name + status + "/error-" + status}})
		}
	}
	config["routing"] = map[string]any{"aliases": aliases}
}

// separate is the target with the errors of separateErrors. The demo never
// rests.
func (to target) separate() target {
	if to.name != "demo" {
		to.errors = to.name + "-error-"
	}
	return to
}

// pixel is a picture of one point.
const pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
