//go:build race

package sqlite_test

// raced says that the race detector is on. SQLite, compiled to Go, is some
// hundred times slower then, and what takes long is tried with less.
const raced = true
