package gemini

// The OAuth client that Google publishes in the source of Gemini CLI
// (@google/gemini-cli-core, dist/src/code_assist/oauth2.js). Google calls the
// second value a client secret and says in the same breath that in a program
// which people install it is none: it cannot be kept, and is not treated as one
// (https://developers.google.com/identity/protocols/oauth2#installed). It gives
// nobody access to anything: what does is a person's consent in the browser,
// and the token that comes of it.
//
// Secret scanners know its form and report it. This is the one file to be
// exempted; an account may use an OAuth client of its own instead.
const (
	cliClientID     = "681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com" //nolint:gosec // it is public
	cliClientSecret = "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"                                      //nolint:gosec // see above: published, and no secret
)
