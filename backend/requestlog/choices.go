package requestlog

// Choices are what the exchanges of the log can be told apart by: everything
// that was there, in the order of its name.
type Choices struct {
	Providers, Models, Clients, Keys []string
	Accounts                         []AccountChoice
}

// AccountChoice is an account that was asked, by the name it had last.
type AccountChoice struct {
	ID   int64
	Name string
}
