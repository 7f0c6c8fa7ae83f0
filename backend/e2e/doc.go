// Package e2e drives the running program with clients that nobody here wrote:
// the official OpenAI SDKs for Go and JavaScript, and requests that agents and
// IDE plugins really sent. The upstreams are the demo provider and, through
// openaicompat in both lanes, the stand-in of package fake.
//
// The invariant: a test sees the program only as its users do, over HTTP. The
// package is nothing but tests.
package e2e
